//! draft
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod call;
pub mod commands;
pub mod config;
pub mod error;
pub mod files;
pub mod json;
pub mod preview;
pub mod retry;
pub mod sandbox;
pub mod shape;
pub mod sse;
pub mod text;
pub mod wire;

#[cfg(target_arch = "wasm32")]
mod wasm;

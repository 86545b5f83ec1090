//! The stream of a command: server-sent events, each a JSON object, as they come; texts, ready for the engine, as they go.
//!
//! A crate of its own, since it is compiled for speed where the rest is compiled for size: all that a command writes passes
//! through here, byte by byte.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod batch;
mod bytes;
mod json;
mod sse;
mod text;

pub use batch::{Batch, EVENT, STDERR, STDOUT};
pub use sse::{Decoder, Events};

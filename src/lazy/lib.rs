//! What not every program needs, in a module that loads when it is first needed.
//!
//! | room | what it knows |
//! |---|---|
//! | [`tar`] | an archive's headers, written and read; a file's bytes never come here |
//! | [`ignore`] | which names `.gitignore` rules leave out |
//! | [`tree`] | what is to be sent and removed for one tree to become as another |
//! | [`place`] | which names of an archive stay within the folder that it is unpacked in |
//! | [`watch`] | what happened between two states of a directory that is watched |
//! | `wasm` | the edge to JavaScript: bytes in, bytes out |
//!
//! Names are bytes, as Linux has them.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod ignore;
pub mod place;
pub mod tar;
pub mod tree;
#[cfg(target_arch = "wasm32")]
mod wasm;
pub mod watch;

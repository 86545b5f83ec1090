//! The thin edge to JavaScript: arguments in, promises out, and the web APIs between.
//!
//! An exported method reads its arguments into a [`plan::Plan`]: a pure request, and what its answer is to
//! become ([`surface`]). [`plan`] runs it, by way of [`http`], as a promise of [`task`].

use wasm_bindgen::prelude::*;

mod build;
mod commands;
mod config;
mod failure;
mod files;
mod http;
mod instance;
mod object;
mod options;
mod plan;
mod runtime;
mod sandbox;
mod slot;
mod surface;
mod task;
mod template;
mod types;

#[wasm_bindgen(start)]
fn start() {
    runtime::start();
}

/// Smaller than the standard library's allocator by 5 KB.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Nothing here panics (the lints see to that); what the libraries' code could panic with becomes a trap,
/// without the formatting that a message would need.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

//! The thin edge to JavaScript: arguments in, promises out, and the web APIs between.
//!
//! JavaScript has one function to call, [`dispatch::invoke`], and makes the methods of the classes of it by what
//! [`surface`](crate::surface) lists: the build writes that as JavaScript. It checks arguments and options ([`given`]),
//! and [`dispatch`] makes a [`prepared::Prepared`] of them: a pure request, and what becomes of its answer ([`answer`]). [`exchange`] sends it, by way of [`call`], as a
//! promise of [`task`].

use wasm_bindgen::prelude::*;

mod answer;
mod build;
mod call;
mod context;
mod dials;
mod dispatch;
mod download;
mod exchange;
mod failure;
mod forward;
mod imports;
mod life;
mod memory;
mod object;
mod options;
mod pages;
mod prepared;
mod read;
mod resource;
mod route;
mod runtime;
mod session;
mod shared;
mod slab;
mod slot;
mod task;
mod ticket;

#[wasm_bindgen(start)]
fn start() {
    runtime::start();
    task::start();
}

/// Nothing here panics (the lints see to that); what the libraries' code could panic with becomes a trap,
/// without the formatting that a message would need.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

//! Client SDK for Superserve sandboxes: the Rust core of the npm package `@superserve/sdk`.
//!
//! # The rooms
//!
//! | room | what it knows |
//! |---|---|
//! | [`surface`] | what users see and what goes over the wire for it: tables of methods, options and answers, and the TypeScript and JavaScript that the build writes from them |
//! | [`resources`] | what arguments and answers mean: the rules of sandboxes, commands, files, templates, tickets |
//! | [`protocol`] | what goes over the wire, whatever it is about: requests, retries, hosts, failures |
//! | [`superserve_stream`] | event streams, in a crate that is compiled for speed |
//! | `wasm` | the edge to JavaScript: calls and what ends them, promises, classes, sockets |
//!
//! Dependencies point one way: `wasm` → `surface` → `resources` → `protocol`. Nothing imports `wasm`, and nothing else
//! knows of JavaScript: `cargo test` on the host proves the rest.
//!
//! # One call, from top to bottom
//!
//! `Sandbox.create(options)`:
//!
//! 1. `wasm/js/object.js`: the method, made of an entry of [`surface::sandbox::SANDBOX`], calls the one exported
//!    function with the entry's number in [`surface::OPERATIONS`].
//! 2. `wasm/dispatch.rs`: `invoke` makes a task of the rest, whose promise is returned. In it `wasm/js/arguments.js`
//!    checks arguments and options against the entry's table; with the entry's path they become a `Prepared` request.
//! 3. `wasm/exchange.rs`: `perform` sends it, wakes the sandbox if it sleeps, and asks [`protocol::retry`] about failures.
//! 4. `wasm/call.rs` and `wasm/js/call.js`: `Call::attempt` sends one request and reads its answer, unless the
//!    caller's signal or time ends it before.
//! 5. `wasm/answer.rs`: `finish` decodes the answer by its table, and makes a `Sandbox` of it.
//!
//! A method that is one request is one entry in a table and nothing else. What is more than that has a file of its
//! own: `wasm/session.rs` (a WebSocket), `wasm/build.rs` (a build, its log), `wasm/ticket.rs` (a page's ticket),
//! `wasm/forward.rs` (what a relay sends for a page).
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod protocol;
pub mod resources;
pub mod surface;
#[cfg(target_arch = "wasm32")]
mod wasm;

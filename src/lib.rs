//! Client SDK for Superserve sandboxes: the Rust core of the npm package `@superserve/sdk`.
//!
//! # The house
//!
//! | module | what it knows |
//! |---|---|
//! | [`surface`] | what users see and what goes over the wire for it, a file a resource: tables of methods, options and answers |
//! | [`operation`], [`shape`] | the languages of those tables |
//! | [`types`], [`tables`] | TypeScript and JavaScript that the build writes from the same tables |
//! | [`error`] | what this crate finds wrong, and the class and code that users see |
//! | [`config`], `origin` | key, region, hosts: validated once |
//! | [`call`] | a request as a plain value |
//! | [`retry`] | whether to try again, and after how long |
//! | [`sandbox`], [`commands`], [`files`], [`preview`], [`secret`], [`template`] | what a resource's arguments and answers mean |
//! | [`relay`] | what a page may do with its ticket, and what the relay's refusals ask for |
//! | [`sse`], [`json`], [`logs`] | event streams: bytes in, events out; a log that reconnects |
//! | [`text`] | strings without the formatting machinery |
//! | `wasm` | the thin edge: one function that JavaScript calls, one that the relay does, and the web APIs by way of `wasm/js` |
//!
//! Dependencies point one way: `wasm` → `surface`, resources → `call`, `retry`, `sse`, `config` → `error`. Nothing
//! imports `wasm`, and nothing else knows of JavaScript: `cargo test` on the host proves the rest.
//!
//! # One call, from top to bottom
//!
//! `Sandbox.create(options)`:
//!
//! 1. `wasm/js/object.js`: the method, made of an entry of [`surface::sandbox::SANDBOX`], calls the one exported
//!    function with the entry's number in [`surface::OPERATIONS`].
//! 2. `wasm/dispatch.rs`: `invoke` has `wasm/js/arguments.js` check the options against the entry's table, fills in the
//!    entry's path, and puts both into a `Plan`, with what the answer is to become.
//! 3. `wasm/plan.rs`: `run` makes the plan a task, whose promise is returned. `perform` sends it, wakes the
//!    sandbox if it sleeps, and asks [`retry`] about failures.
//! 4. `wasm/task.rs`: the executor polls the task at once, and again whenever the promise it waits for settles.
//! 5. `wasm/http.rs` and `wasm/js/http.js`: `Call::attempt` sends one request and reads its answer, unless the
//!    caller's signal or time ends it before.
//! 6. `wasm/answer.rs`: `finish` decodes the answer by its table, and makes a `Sandbox` of it.
//!
//! A method that is one request is one entry in a table and nothing else. What is more than that has a file of its
//! own: `wasm/session.rs` (a WebSocket), `wasm/build.rs` (a build, its log), `wasm/relay.rs` (a ticket),
//! `wasm/forward.rs` (what a relay sends for a page).
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

mod bytes;
pub mod call;
pub mod commands;
pub mod config;
pub mod error;
pub mod files;
pub mod json;
pub mod logs;
pub mod operation;
mod origin;
pub mod preview;
pub mod problem;
pub mod relay;
pub mod retry;
pub mod sandbox;
pub mod secrecy;
pub mod secret;
pub mod shape;
pub mod sse;
pub mod surface;
#[cfg(not(target_arch = "wasm32"))]
pub mod tables;
pub mod template;
pub mod text;
#[cfg(not(target_arch = "wasm32"))]
pub mod types;

#[cfg(target_arch = "wasm32")]
mod wasm;

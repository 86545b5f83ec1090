//! Client SDK for Superserve sandboxes: the Rust core of the npm package `@superserve/sdk`.
//!
//! # The house
//!
//! | module | what it knows |
//! |---|---|
//! | [`error`] | what this crate finds wrong, and the class and code that users see |
//! | [`config`] | key, region, hosts: validated once |
//! | [`call`] | a request as a plain value |
//! | [`retry`] | whether to try again, and after how long |
//! | [`shape`] | the table language: one line says a field's names, type and presence |
//! | [`wire`] | the tables, a file a resource; the TypeScript interfaces come from them too |
//! | [`sandbox`], [`commands`], [`files`], [`preview`], [`template`] | the requests of a resource, and what its answers mean |
//! | [`sse`], [`json`], [`logs`] | event streams: bytes in, events out; a log that reconnects |
//! | [`text`] | strings without the formatting machinery |
//! | `wasm` | the thin edge: exported classes, and the web APIs by way of `wasm/js` |
//!
//! Dependencies point one way: `wasm` → resources → `call`, `retry`, `sse`, `config`, `wire` → `error`. Nothing
//! imports `wasm`, and nothing else knows of JavaScript: `cargo test` on the host proves the rest.
//!
//! # One call, from top to bottom
//!
//! `Sandbox.create(options)`:
//!
//! 1. `wasm/sandbox.rs`: the exported `Sandbox::create` has `surface::read` check the options against the
//!    table [`wire::sandbox::CREATE_OPTIONS`], takes the request from [`sandbox::create`], and puts both into a
//!    `Plan`, with what the answer is to become.
//! 2. `wasm/plan.rs`: `run` makes the plan a task, whose promise is returned. `perform` sends it, wakes the
//!    sandbox if it sleeps, and asks [`retry`] about failures.
//! 3. `wasm/task.rs`: the executor polls the task at once, and again whenever the promise it waits for settles.
//! 4. `wasm/http.rs`: `Call::attempt` sends one request and reads its answer; `wasm/js/http.js` holds what ends
//!    it early, the caller's signal and time.
//! 5. Back in `wasm/sandbox.rs`: `instance` decodes the answer by the table [`wire::sandbox::INSTANCE`].
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod call;
pub mod commands;
pub mod config;
pub mod error;
pub mod files;
pub mod json;
pub mod logs;
pub mod operation;
pub mod preview;
pub mod retry;
pub mod sandbox;
pub mod secret;
pub mod shape;
pub mod sse;
pub mod surface;
pub mod template;
pub mod text;
#[cfg(not(target_arch = "wasm32"))]
pub mod types;

#[cfg(target_arch = "wasm32")]
mod wasm;

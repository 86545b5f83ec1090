//! The thin edge to JavaScript: arguments in, promises out, and the web APIs between.
//!
//! An exported method reads its arguments, hands a pure request to [`http`], and turns the answer into an
//! object of the surface ([`output`]). Everything asynchronous runs in [`task`]; everything that can end a
//! request early is one [`http::Call`].

mod commands;
mod config;
mod failure;
mod files;
mod http;
mod input;
mod instance;
mod options;
mod output;
mod runtime;
mod sandbox;
mod task;
mod types;

//! The server as its clients see it: a real process, real sandboxes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod clocks;
mod control;
mod cors;
mod desktop;
mod directories;
mod exec;
mod files;
mod hostile;
mod hosts;
mod isolation;
mod network;
mod partings;
mod pause;
mod previews;
mod process;
mod ranges;
mod routes;
mod secrets;
mod sessions;
mod snapshots;
mod stream;
mod support;
mod template_builds;
mod templates;
mod terminals;
mod transitions;
mod unprivileged;
mod web_socket;

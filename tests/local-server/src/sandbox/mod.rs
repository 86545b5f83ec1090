//! Sandboxes: their life (`lifecycle`), and beneath it what the operating system gives them.

pub mod environment;
pub mod files;
mod freeze;
mod host;
pub mod inside;
pub mod lifecycle;
pub mod link;
pub mod machine;
pub mod output;
pub mod platform;
pub mod pty;
pub mod record;
pub mod root;
pub mod tidy;
mod workspace;

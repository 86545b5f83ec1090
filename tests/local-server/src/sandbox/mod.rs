//! Sandboxes: their life (`lifecycle`), and beneath it what the operating system gives them.

mod freeze;
mod host;
pub mod lifecycle;
pub mod link;
mod machine;
pub mod platform;
pub mod record;
pub mod root;
mod tidy;
mod workspace;

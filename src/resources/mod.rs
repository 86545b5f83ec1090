//! What the resources' arguments and answers mean: the rules of sandboxes, commands, screens, files, templates and tickets, as pure
//! decisions.

pub mod build_log;
pub mod commands;
pub mod desktop;
pub mod files;
pub mod matching;
pub mod pages;
pub mod preview;
#[cfg(test)]
mod processes;
pub mod sandbox;
pub mod script;
pub mod secret;
pub mod snapshot;
pub mod template;
#[cfg(not(target_arch = "wasm32"))]
pub mod terminals;
pub mod ticket;

//! The surface, and what goes over the wire for it: a file a resource.

pub mod command;
pub mod connection;
pub mod error;
pub mod file;
pub mod network;
pub mod preview;
pub mod relay;
pub mod sandbox;
pub mod secret;
pub mod template;

use crate::operation::Class;

/// All classes, and the functions.
pub static CLASSES: [&Class; 7] = [
    &sandbox::SANDBOX,
    &command::COMMANDS,
    &file::FILES,
    &template::TEMPLATE,
    &secret::SECRET,
    &secret::PROVIDERS,
    &connection::FUNCTIONS,
];

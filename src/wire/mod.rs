//! What goes over the wire and what the surface shows of it, a file a resource.

pub mod command;
pub mod connection;
pub mod file;
pub mod sandbox;
pub mod template;

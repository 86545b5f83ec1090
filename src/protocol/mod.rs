//! What goes over the wire, whatever it is about: requests and their retries, where they go, and what can go
//! wrong. Knows no resource and no JavaScript.

pub mod config;
pub mod error;
mod origin;
pub mod problem;
pub mod request;
pub mod retry;
pub mod secrecy;
pub mod text;

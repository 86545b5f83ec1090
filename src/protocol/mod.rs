//! What goes over the wire, whatever it is about: requests and their retries, where they go, event streams, and what can go
//! wrong. Knows no resource and no JavaScript.

mod bytes;
pub mod config;
pub mod error;
pub mod json;
mod origin;
pub mod problem;
pub mod request;
pub mod retry;
pub mod secrecy;
pub mod sse;
pub mod text;

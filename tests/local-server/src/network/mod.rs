//! The sandboxes' network.
//!
//! A sandbox has one of its own where this machine allows it: a device (`device`) whose packets
//! (`packet`) the server reads. It dials each destination itself, if the rules (`rules`, by the names
//! of `lookups`) let it, and carries what goes over it: `forward` for TCP, `datagrams` for UDP,
//! `doubles` for what stands for the machine's own loopback. `plan` is what both sides know of it.
//!
//! Where it has none, its connections are this machine's: `watch` finds out whose they are.

mod datagrams;
mod device;
mod doubles;
mod forward;
pub mod log;
mod lookups;
pub mod own;
mod packet;
pub mod plan;
mod relay;
mod rules;
pub mod sockets;
pub mod watch;

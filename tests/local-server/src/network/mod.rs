//! What can be seen of the sandboxes' network: this machine's connections, and whose they are.

pub mod log;
pub mod sockets;
pub mod watch;

//! A sandbox behind a relay: what a ticket has to allow, and what the relay's refusals ask for.

use crate::protocol::error::Error;
use crate::protocol::text::{all_parts, concat};

/// Most characters of a ticket.
pub const TICKET_LENGTH: u64 = 4096;

/// What a ticket may allow, in the order in which people read it. What else an entry asks for no ticket allows: secrets
/// are for the application's backend.
pub const PERMISSIONS: [&str; 12] = [
    "exec",
    "files:read",
    "files:write",
    "session",
    "terminal",
    "processes",
    "code",
    "info",
    "preview",
    "desktop",
    "lifecycle",
    "snapshots",
];

/// Whether a ticket allows what an operation needs, which may be nothing. `allow` lists what it does, with commas between.
///
/// # Errors
/// `NotAllowed`, as the relay itself would say.
pub fn permit(allow: &str, needed: &str) -> Result<(), Error> {
    if needed.is_empty() || !all_parts(allow, b',', |one| one != needed) {
        return Ok(());
    }
    let why = concat(&["the ticket does not allow ", needed]);
    Err(Error::NotAllowed(why))
}

pub use crate::protocol::problem::SEND_AGAIN;

/// What may make a refused request succeed, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Nothing but what the retry policy says.
    Nothing,
    /// A new token or ticket.
    Renewal,
    /// The same again.
    Repetition,
}

/// What a refusal of the relay's asks for. With another status the code is the service's, whatever it says.
pub fn remedy(status: u16, code: &str) -> Remedy {
    match (status, code) {
        (401, "ticket_expired" | "ticket_invalid") => Remedy::Renewal,
        (503, SEND_AGAIN) => Remedy::Repetition,
        _ => Remedy::Nothing,
    }
}

/// Whether a 404 with that code says that the sandbox is gone, and not that there is no relay.
pub fn says_gone(code: &str) -> bool {
    !matches!(code, "" | "no_route")
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn only_what_is_listed_is_allowed() {
        assert!(permit("files:read,exec", "exec").is_ok());
        assert!(permit("", "").is_ok());
        for allow in ["", "files:read", "exe", "exec:more,xexec"] {
            let error = permit(allow, "exec").unwrap_err();
            assert_eq!((error.status(), error.code()), (403, "not_allowed"));
        }
        assert!(permit("exec,lifecycle", "secrets").is_err());
    }
}

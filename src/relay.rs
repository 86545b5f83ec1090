//! A sandbox behind a relay: what a ticket has to allow, and what the relay's refusals ask for.

use crate::error::Error;
use crate::operation::Operation;
use crate::text::{all_parts, concat};

/// Most characters of a ticket.
pub const TICKET_LENGTH: u64 = 4096;

/// What a ticket may allow, in the order in which people read it. What else an entry asks for no ticket allows: secrets
/// are for the application's backend.
pub const PERMISSIONS: [&str; 8] = [
    "exec",
    "files:read",
    "files:write",
    "session",
    "terminal",
    "info",
    "preview",
    "lifecycle",
];

/// Whether a ticket allows an operation. `allow` lists what it does, with commas between.
///
/// # Errors
/// `NotAllowed`, as the relay itself would say.
pub fn permit(allow: &str, operation: &Operation) -> Result<(), Error> {
    let needed = operation.permission;
    if needed.is_empty() || !all_parts(allow, b',', |one| one != needed) {
        return Ok(());
    }
    let why = concat(&["the ticket does not allow ", needed]);
    Err(Error::NotAllowed(why))
}

/// What the relay calls a 503 that says so: the sandbox is awake now.
pub const SEND_AGAIN: &str = "send_again";

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
    use crate::surface::{command, file, sandbox};

    #[test]
    fn every_method_of_a_sandbox_has_its_place() {
        let classes = [&sandbox::SANDBOX, &command::COMMANDS, &file::FILES];
        let operations = classes.iter().flat_map(|class| class.operations);
        for operation in operations.filter(|operation| !operation.is_static) {
            let (_, name) = operation.name.split_once('.').unwrap();
            let expected = match name {
                "run" | "runStream" => "exec",
                "spawn" => "session",
                "terminal" => "terminal",
                "write" => "files:write",
                "read" | "readText" | "downloadDir" => "files:read",
                "getInfo" | "getNetworkLog" => "info",
                "pause" | "resume" | "kill" | "update" => "lifecycle",
                "attachSecret" | "detachSecret" => "secrets",
                "getPreviewUrl" => "",
                name if name.contains("Preview") => "preview",
                name => panic!("is {name} for pages?"),
            };
            assert_eq!(operation.permission, expected, "{name}");
            let is_listed = PERMISSIONS.contains(&expected);
            assert_eq!(is_listed, !matches!(expected, "" | "secrets"), "{name}");
        }
    }

    #[test]
    fn only_what_is_listed_is_allowed() {
        let named = |name: &str| {
            let classes = [&sandbox::SANDBOX, &command::COMMANDS];
            let mut operations = classes.iter().flat_map(|class| class.operations);
            operations.find(|one| one.name == name).unwrap()
        };
        assert!(permit("files:read,exec", named("Commands.run")).is_ok());
        assert!(permit("", named("Sandbox.getPreviewUrl")).is_ok());
        for allow in ["", "files:read", "exe", "exec:more,xexec"] {
            let error = permit(allow, named("Commands.run")).unwrap_err();
            assert_eq!((error.status(), error.code()), (403, "not_allowed"));
        }
        assert!(permit("exec,lifecycle", named("Sandbox.attachSecret")).is_err());
    }
}

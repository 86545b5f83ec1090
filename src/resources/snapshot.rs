//! What becomes of a snapshot that is waited for.

use crate::protocol::error::Class;
use crate::resources::sandbox::{Loss, Seen};

/// Milliseconds that a snapshot may be waited for, unless the caller says otherwise.
pub const WAIT_MS: f64 = 900_000.0;
/// Milliseconds between two looks at a snapshot, unless the caller says otherwise.
pub const POLL_MS: f64 = 2_000.0;
/// What a snapshot is once it can be used.
pub const READY: &str = "ready";

static FAILED: Loss = Loss {
    class: Class::Sandbox,
    status: 0,
    code: "snapshot_failed",
    message: "the snapshot failed",
};
static DELETED: Loss = Loss {
    class: Class::Sandbox,
    status: 0,
    code: "snapshot_deleted",
    message: "the snapshot was deleted",
};

/// What to do, now that a snapshot is in `status`. States that this crate does not know are states in between.
pub fn seen(status: &str) -> Seen {
    match status {
        READY => Seen::Done,
        "failed" => Seen::Failed(&FAILED),
        "deleting" | "deleted" => Seen::Failed(&DELETED),
        _ => Seen::Wait,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_ends_are_ends() {
        assert_eq!(seen("ready"), Seen::Done);
        assert_eq!(seen("failed"), Seen::Failed(&FAILED));
        assert_eq!(seen("deleting"), Seen::Failed(&DELETED));
        assert_eq!(seen("deleted"), Seen::Failed(&DELETED));
        for status in ["creating", "uploading", ""] {
            assert_eq!(seen(status), Seen::Wait, "{status}");
        }
    }
}

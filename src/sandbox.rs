//! Requests about sandboxes, and what their answers mean.

use crate::call::{Method, Request, Target};
use crate::error::Error;

const ROOT: &str = "/sandboxes";

/// How a sandbox is woken: both rotate its access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Whatever state it is in.
    Activate,
    /// Only when it is paused.
    Resume,
}

impl Wake {
    fn segment(self) -> &'static str {
        match self {
            Self::Activate => "activate",
            Self::Resume => "resume",
        }
    }

    /// What a 409 means, now that the sandbox is in `status`.
    ///
    /// `resuming` passes: another caller wakes it. Once that is done the sandbox is `active`, which is
    /// what an activate wants, and what a resume wants if it saw the other at work.
    pub fn after_conflict(self, status: &str, saw_resuming: bool) -> AfterConflict {
        match status {
            "resuming" => AfterConflict::Wait,
            "active" if saw_resuming || self == Self::Activate => AfterConflict::Woken,
            _ => AfterConflict::GiveUp,
        }
    }
}

/// See [`Wake::after_conflict`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterConflict {
    /// Look again shortly.
    Wait,
    /// It is active: its token is the one that was just read.
    Woken,
    /// The conflict stands.
    GiveUp,
}

/// Milliseconds between two looks at a sandbox that another caller wakes.
pub const WAKE_POLL_MS: f64 = 250.0;
/// Milliseconds after which the conflict stands.
pub const WAKE_MS: f64 = 30_000.0;

fn one(id: &str) -> Result<Target, Error> {
    Target::new(ROOT).id("the sandbox id", id)
}

/// Creates a sandbox.
pub fn create() -> Request {
    Request::control(Method::Post, Target::new(ROOT)).json()
}

/// Lists sandboxes that an encoded query selects.
pub fn list(query: &str) -> Request {
    Request::control(Method::Get, Target::new(ROOT).encoded_query(query))
}

/// Reads a sandbox.
pub fn get(id: &str) -> Result<Request, Error> {
    Ok(Request::control(Method::Get, one(id)?))
}

/// Wakes a sandbox.
pub fn wake(how: Wake, id: &str) -> Result<Request, Error> {
    Ok(Request::control(
        Method::Post,
        one(id)?.segment(how.segment()),
    ))
}

/// Reads the sandbox that `request`, made by [`wake`], would have woken.
pub fn look_after(request: &Request) -> Option<Request> {
    let target = request.target.parent()?;
    Some(Request::control(Method::Get, target))
}

/// Pauses a sandbox.
pub fn pause(id: &str) -> Result<Request, Error> {
    Ok(Request::control(Method::Post, one(id)?.segment("pause")))
}

/// Deletes a sandbox.
pub fn kill(id: &str) -> Result<Request, Error> {
    Ok(Request::control(Method::Delete, one(id)?))
}

/// Changes a sandbox.
pub fn update(id: &str) -> Result<Request, Error> {
    Ok(Request::control(Method::Patch, one(id)?).json())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_stay_in_their_place() {
        let target = |request: Result<Request, Error>| request.unwrap().target.as_str().to_owned();
        assert_eq!(target(get("../secrets")), "/sandboxes/..%2Fsecrets");
        assert_eq!(
            target(wake(Wake::Activate, "a/b")),
            "/sandboxes/a%2Fb/activate"
        );
        assert!(kill("..").is_err());
    }

    #[test]
    fn a_look_reads_the_sandbox_that_was_to_be_woken() {
        let look = look_after(&wake(Wake::Resume, "a/b").unwrap()).unwrap();
        assert_eq!(look, get("a/b").unwrap());
    }

    #[test]
    fn a_conflict_passes_only_while_another_wakes_the_sandbox() {
        use AfterConflict::*;
        for (how, status, saw_resuming, expected) in [
            (Wake::Activate, "resuming", false, Wait),
            (Wake::Activate, "active", false, Woken),
            (Wake::Activate, "pausing", true, GiveUp),
            (Wake::Activate, "failed", true, GiveUp),
            (Wake::Resume, "resuming", false, Wait),
            (Wake::Resume, "active", true, Woken),
            (Wake::Resume, "active", false, GiveUp),
        ] {
            assert_eq!(
                how.after_conflict(status, saw_resuming),
                expected,
                "{how:?} {status}"
            );
        }
    }
}

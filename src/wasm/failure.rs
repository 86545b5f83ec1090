//! From what went wrong to what JavaScript throws.

use alloc::boxed::Box;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::imports::arguments::{member_of, text};
use super::imports::errors::{caused, make};
use super::imports::failures::{
    Refused, bare, is_final, is_refused, is_silence, is_syntax_error, ms_until, words_of,
};
use crate::protocol::error::{Class, Error};
use crate::protocol::problem::{Problem, or, retry_after_ms, status_message};
use crate::protocol::retry::{self, Outcome};
use crate::protocol::secrecy;
use crate::protocol::text::concat;

/// What a call rejects with. Small, since all that can fail hands it on.
pub struct Failure(Box<Kind>);

pub enum Kind {
    /// A problem, and what led to it, if anything did.
    Problem(Problem, Option<JsValue>),
    /// A value to be thrown as it is: an error that JavaScript made, or whatever the caller's own code threw.
    Thrown(JsValue),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self(Box::new(Kind::Problem(problem, None)))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Problem::from(error).into()
    }
}

impl From<JsValue> for Failure {
    fn from(thrown: JsValue) -> Self {
        Self(Box::new(Kind::Thrown(thrown)))
    }
}

impl Failure {
    pub fn kind(self) -> Kind {
        *self.0
    }

    pub fn new(class: Class, message: &str, status: u16, code: &str) -> Self {
        Problem::new(class, message, status, code).into()
    }

    /// A problem, and what led to it.
    pub fn caused(problem: Problem, cause: JsValue) -> Self {
        Self(Box::new(Kind::Problem(problem, Some(cause))))
    }

    /// What a request, or reading its answer, has rejected with. `secrets` are those that the request carried.
    pub fn of_request(thrown: JsValue, secrets: &str) -> Self {
        if is_final(&thrown) {
            return thrown.into();
        }
        let is_answer = is_refused(&thrown);
        let mut problem = if is_answer {
            refused(thrown.unchecked_ref())
        } else if is_syntax_error(&thrown) {
            Error::InvalidResponse(concat(&["the service's answer is not JSON"])).into()
        } else if is_silence(&thrown) {
            Problem::silence()
        } else {
            Problem::network(&words_of(&thrown))
        };
        problem.redact(secrets);
        if is_answer {
            return problem.into();
        }
        Self::caused(problem, bare(&thrown, secrets))
    }

    pub fn problem(&self) -> Option<&Problem> {
        match &*self.0 {
            Kind::Problem(problem, _) => Some(problem),
            Kind::Thrown(_) => None,
        }
    }

    /// What is to be thrown as it is.
    pub fn thrown(&self) -> Option<&JsValue> {
        match &*self.0 {
            Kind::Problem(..) => None,
            Kind::Thrown(thrown) => Some(thrown),
        }
    }

    /// The error status of the answer that it is; 0 for none.
    pub fn status(&self) -> u16 {
        self.problem().map_or(0, Problem::answered)
    }

    /// Its stable code.
    pub fn code(&self) -> &str {
        self.problem().map_or("", |problem| &problem.code)
    }

    /// What it is to those who may try again.
    pub fn outcome(&self) -> Option<Outcome> {
        self.problem()?.outcome
    }

    /// When an answer asked to try again.
    pub fn retry_after_ms(&self) -> Option<f64> {
        match self.outcome()? {
            Outcome::Answered { retry_after_ms, .. } => retry_after_ms,
            Outcome::ConnectionFailed => None,
        }
    }

    /// Whether it may pass by itself.
    pub fn passes(&self) -> bool {
        self.outcome()
            .is_some_and(|outcome| retry::passes(&outcome))
    }

    /// Whether the time of a request was over.
    pub fn is_timeout(&self) -> bool {
        self.problem()
            .is_some_and(|problem| problem.class == Class::Timeout)
    }

    /// Whether no connection was made, or it broke.
    pub fn is_connection(&self) -> bool {
        self.outcome() == Some(Outcome::ConnectionFailed)
    }
}

/// What an answer says that does not bring what was asked for.
fn refused(answer: &Refused) -> Problem {
    let status = answer.status();
    match status {
        0..200 | 300..400 => {
            let why = status_message(
                "unexpected redirect (",
                status,
                "): redirects are not followed",
            );
            Problem::new(Class::Sandbox, &why, status, "redirect")
        }
        200..300 => {
            let why = ": that is not the whole of what was asked for";
            let why = status_message("the service's answer has the status ", status, why);
            Error::InvalidResponse(why).into()
        }
        _ => {
            let document = answer.document();
            let error = member_of(&document, "error");
            let words = or(
                text(&error, "message"),
                error.as_string().unwrap_or_default(),
            );
            let message = or(words, text(&document, "message"));
            let code = or(text(&error, "code"), text(&document, "code"));
            let mut problem = Problem::refused(status, &message, &answer.text(), &code);
            problem.request_id = answer.request_id();
            problem.retry_after(retry_after_ms(&answer.retry_after(), ms_until));
            problem
        }
    }
}

/// `text` without the secrets, for what JavaScript shows by itself; undefined where it has none.
#[wasm_bindgen(skip_typescript)]
pub fn redacted(text: &str, secrets: &str) -> Option<String> {
    secrecy::redact(text, secrets)
}

/// The error that a problem is, as it stands.
pub fn error_of(problem: &Problem) -> JsValue {
    let Problem {
        class,
        message,
        status,
        code,
        request_id,
        ..
    } = problem;
    make(*class as u8, message, *status, code, request_id)
}

/// The error of a page's request, for the relay: as the service says it.
pub fn unredacted(failure: Failure) -> JsValue {
    match failure.kind() {
        Kind::Thrown(thrown) => thrown,
        Kind::Problem(problem, cause) => {
            let error = error_of(&problem);
            if let Some(cause) = cause {
                caused(&error, &cause);
            }
            error
        }
    }
}

/// The code of what its caller has ended.
pub const ABORTED: &str = "aborted";

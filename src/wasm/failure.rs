//! From what went wrong to what JavaScript throws.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::arguments::{Arguments, member_of, text};
use super::resource::Resource;
use crate::protocol::error::{Class, Error};
use crate::protocol::problem::{Problem, first, retry_after_ms, status_message};
use crate::protocol::retry::{self, Outcome};
use crate::protocol::secrecy;
use crate::protocol::text::concat;

#[wasm_bindgen(module = "/src/wasm/js/errors.js")]
extern "C" {
    fn make(class: u8, message: &str, status: u16, code: &str) -> JsValue;
    fn caused(error: &JsValue, cause: &JsValue);
    fn describe(error: &JsValue, operation: &str, sandbox_id: &str, request_id: &str);
}

#[wasm_bindgen(module = "/src/wasm/js/failures.js")]
extern "C" {
    #[wasm_bindgen(js_name = isFinal)]
    fn is_final(thrown: &JsValue) -> bool;
    #[wasm_bindgen(js_name = isRefused)]
    fn is_refused(thrown: &JsValue) -> bool;
    #[wasm_bindgen(js_name = isSyntaxError)]
    fn is_syntax_error(thrown: &JsValue) -> bool;
    #[wasm_bindgen(js_name = isSilence)]
    fn is_silence(thrown: &JsValue) -> bool;
    #[wasm_bindgen(js_name = wordsOf)]
    pub fn words_of(thrown: &JsValue) -> String;
    #[wasm_bindgen(js_name = msUntil)]
    fn ms_until(date: &str) -> f64;
    /// What was thrown, or an error that says the same without the secrets.
    fn bare(cause: &JsValue, secrets: &str) -> JsValue;
    fn stamp(error: &JsValue, operation: &str, sandbox_id: &str, secrets: &str);

    /// An answer that does not bring what was asked for.
    type Refused;
    #[wasm_bindgen(method, getter)]
    fn status(this: &Refused) -> u16;
    #[wasm_bindgen(method, getter)]
    fn text(this: &Refused) -> String;
    #[wasm_bindgen(method, getter, js_name = retryAfter)]
    fn retry_after(this: &Refused) -> String;
    #[wasm_bindgen(method, getter, js_name = requestId)]
    fn request_id(this: &Refused) -> String;
    #[wasm_bindgen(method)]
    fn document(this: &Refused) -> JsValue;
}

#[wasm_bindgen(module = "/src/wasm/js/call.js")]
extern "C" {
    /// A number as JavaScript writes it.
    #[wasm_bindgen(js_name = textOf)]
    pub fn number_text(value: f64) -> String;
}

/// What a call rejects with. Small, since all that can fail hands it on.
pub struct Failure(Box<Kind>);

enum Kind {
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
    pub fn new(class: Class, message: &str, status: u16, code: &str) -> Self {
        Problem::new(class, message, status, code).into()
    }

    /// A problem, and what led to it.
    pub fn caused(problem: Problem, cause: JsValue) -> Self {
        Self(Box::new(Kind::Problem(problem, Some(cause))))
    }

    /// What a request, or reading its answer, has rejected with. `secret` is the one that the request carried.
    pub fn of_request(thrown: JsValue, secret: &str) -> Self {
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
        problem.redact(secret);
        if is_answer {
            return problem.into();
        }
        Self::caused(problem, bare(&thrown, secret))
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
            let message = first(
                [
                    text(&error, "message"),
                    error.as_string().unwrap_or_default(),
                ],
                text(&document, "message"),
            );
            let code = first(
                [text(&error, "code"), String::new()],
                text(&document, "code"),
            );
            let mut problem = Problem::refused(status, &message, &answer.text(), &code);
            problem.request_id = answer.request_id();
            problem.retry_after(retry_after_ms(&answer.retry_after(), ms_until));
            problem
        }
    }
}

/// `text` without the secrets, for what JavaScript shows by itself.
#[wasm_bindgen(skip_typescript)]
pub fn redacted(text: &str, secrets: &str) -> String {
    secrecy::redact(text, secrets).unwrap_or_else(|| text.into())
}

/// Where something goes wrong: the method of the surface, and what it was called on.
pub struct Context {
    operation: &'static str,
    /// None for what is called on a class.
    resource: Option<Rc<Resource>>,
    given: Option<Rc<Arguments>>,
}

impl Context {
    pub fn new(
        operation: &'static str,
        resource: Option<Rc<Resource>>,
        given: Option<Rc<Arguments>>,
    ) -> Self {
        Self {
            operation,
            resource,
            given,
        }
    }

    /// The value to throw.
    pub fn error(&self, failure: Failure) -> JsValue {
        let to = self.resource.clone().unwrap_or_default();
        let token = to.token.get();
        let id = if token.is_empty() { "" } else { &to.id };
        let hidden = self
            .given
            .as_ref()
            .and_then(|given| given.hidden().as_string());
        let secrets = concat(&[
            &to.config.api_key,
            "\0",
            &token,
            "\0",
            &to.last_token.get(),
            "\0",
            &hidden.unwrap_or_default(),
        ]);
        match *failure.0 {
            Kind::Thrown(thrown) => {
                stamp(&thrown, self.operation, id, &secrets);
                thrown
            }
            Kind::Problem(mut problem, cause) => {
                problem.redact(&secrets);
                problem.shorten();
                let class = problem.class as u8;
                let error = make(class, &problem.message, problem.status, &problem.code);
                describe(&error, self.operation, id, &problem.request_id);
                if let Some(cause) = cause {
                    // The reason that a caller gave for ending it is the caller's.
                    let is_reason = problem.code == ABORTED;
                    let shown = if is_reason {
                        cause
                    } else {
                        bare(&cause, &secrets)
                    };
                    caused(&error, &shown);
                }
                error
            }
        }
    }
}

/// The error of a page's request, for the relay: as the service says it.
pub fn unredacted(failure: Failure) -> JsValue {
    match *failure.0 {
        Kind::Thrown(thrown) => thrown,
        Kind::Problem(problem, cause) => {
            let class = problem.class as u8;
            let error = make(class, &problem.message, problem.status, &problem.code);
            describe(&error, "", "", &problem.request_id);
            if let Some(cause) = cause {
                caused(&error, &cause);
            }
            error
        }
    }
}

/// A problem that was found before anything is known of the call.
pub fn error_of(error: Error) -> JsValue {
    let code = error.code();
    make(error.class() as u8, &error.message(), error.status(), code)
}

/// The code of what its caller has ended.
pub const ABORTED: &str = "aborted";

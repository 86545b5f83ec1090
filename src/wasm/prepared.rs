//! A request of the surface as a value.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use super::read::Read;
use super::resource::Resource;
use super::runtime;
use crate::protocol::request::{Body, Method, Plane, Request, Target};
use crate::resources::sandbox::{PAUSE_MS, TRY_MS, Transition, times};
use crate::resources::script::Script;
use crate::surface::operation::Answer;

/// A request that is ready to be sent, and what becomes of its answer.
pub struct Prepared {
    /// What it is about.
    pub to: Rc<Resource>,
    pub request: Request,
    /// What the request carries.
    pub content: JsValue,
    pub timeout_ms: f64,
    pub read: Read,
    /// What it asks for that takes time, and so what a 409 means.
    pub transition: Option<Transition>,
    /// Whether the end of that is waited for.
    pub waits: bool,
    /// Milliseconds between two looks at it, if the caller says so.
    pub poll_ms: Option<f64>,
    /// Milliseconds that a pause may take which is in its way.
    pub patience_ms: f64,
    /// Milliseconds that the whole call may take.
    pub limit_ms: f64,
    pub answer: Answer,
    /// The operation that the answer is to.
    pub number: usize,
    /// As [`Operation::undo`](crate::surface::operation::Operation::undo).
    pub undo: &'static [&'static str],
    /// The script that it runs, if it does.
    pub script: Option<Scripted>,
    /// What it starts in the sandbox is found by this, and ended where the call ends before its answer; empty where others
    /// see to that.
    pub started: String,
    /// Whether it may be sent again, whatever its method: it only reads.
    pub repeats: bool,
    /// Whether a 409 passes by itself: something under way, a build or a transition, stands in the way of a deletion.
    pub clears: bool,
    pub sends: Sends,
}

/// A script that a request runs.
pub struct Scripted {
    pub script: &'static Script,
    pub values: Vec<String>,
}

/// How often a request may be sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sends {
    /// Again where the retry policy says so, and once more to a sandbox that was asleep.
    Again,
    /// Once more to a sandbox that was asleep: for the rest, the page that it comes from sees to it.
    Awake,
    /// Once: its body is gone then.
    Once,
    /// Once: a sandbox that sleeps is not to be woken for it.
    Unwoken,
    /// As [`Self::Awake`], but to a sandbox that a look does not find asleep: somebody may have paused it.
    Seen,
}

impl Prepared {
    /// A call to the service whose answer is JSON, given as it is.
    pub fn new(to: Rc<Resource>, method: Method, target: Target) -> Box<Self> {
        let request = Request {
            method,
            plane: Plane::Control,
            target,
            body: Body::None,
        };
        Box::new(Self {
            to,
            request,
            content: JsValue::UNDEFINED,
            timeout_ms: TRY_MS,
            read: Read::Json,
            transition: None,
            waits: true,
            poll_ms: None,
            patience_ms: PAUSE_MS,
            limit_ms: f64::INFINITY,
            answer: Answer::Raw,
            number: 0,
            undo: &[],
            script: None,
            started: String::new(),
            repeats: false,
            clears: false,
            sends: Sends::Again,
        })
    }

    /// Whether it asks for that.
    pub fn is(&self, transition: Transition) -> bool {
        self.transition == Some(transition)
    }

    /// Whether it wakes the sandbox.
    pub fn wakes(&self) -> bool {
        self.transition.is_some_and(Transition::wakes)
    }

    /// Asks for what takes time, and waits for its end if `waits`. `asked` is the caller's limit.
    pub fn ask_for(&mut self, transition: Transition, waits: bool, asked: Option<f64>) {
        let is_relayed = self.to.config.is_relayed;
        self.transition = Some(transition);
        self.waits = waits;
        self.clears = transition == Transition::Kill;
        (self.timeout_ms, self.limit_ms) =
            times(transition, waits, asked, self.timeout_ms, is_relayed);
        // A relay waits unless it is told not to. Whether the service's CORS lets a page say so nobody has told: where it
        // may not, the answer comes late, and one that does not come in time is looked for.
        let may_say = if is_relayed {
            !waits
        } else {
            !runtime::in_browser()
        };
        if transition.pauses() && may_say {
            self.request.body = Body::Async;
        }
    }
}

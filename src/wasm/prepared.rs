//! A request of the surface as a value.

use alloc::boxed::Box;
use alloc::rc::Rc;

use wasm_bindgen::prelude::*;

use super::options::RequestOptions;
use super::read::Read;
use super::resource::Resource;
use crate::protocol::request::{Body, Method, Plane, Request, Target};
use crate::resources::sandbox::Wake;
use crate::surface::operation::Answer;

/// A request that is ready to be sent, and what becomes of its answer.
pub struct Prepared {
    /// What it is about.
    pub to: Rc<Resource>,
    pub request: Request,
    /// What the request carries.
    pub content: JsValue,
    pub options: RequestOptions,
    pub timeout_ms: f64,
    pub read: Read,
    /// Set for calls that wake a sandbox: what a 409 means to them.
    pub wake: Option<Wake>,
    pub answer: Answer,
    /// The operation that the answer is to.
    pub number: usize,
    /// As [`Operation::undo`](crate::surface::operation::Operation::undo).
    pub undo: &'static [&'static str],
    /// Whether a 409 passes by itself: something under way, a build or a transition, stands in the way of a deletion.
    pub clears: bool,
    pub sends: Sends,
    /// Whether it asks for a page of a list.
    pub is_page: bool,
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
}

impl Prepared {
    /// A call to the service whose answer is JSON, given as it is.
    pub fn new(
        to: Rc<Resource>,
        method: Method,
        target: Target,
        options: RequestOptions,
    ) -> Box<Self> {
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
            timeout_ms: options.timeout_or_default_ms(),
            options,
            read: Read::Json,
            wake: None,
            answer: Answer::Raw,
            number: 0,
            undo: &[],
            clears: false,
            sends: Sends::Again,
            is_page: false,
        })
    }
}

//! One call of the surface: its requests one after another, and what ends them.
//!
//! A call ends once: by its caller's signal, by time, or by what a callback throws; whatever it waits for then ends with it
//! (`life.rs`). JavaScript does what only it can (`call.js`: one request, one timer) and knows a call by its number.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::Cell;

use superserve_stream::{Batch, Events};
use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::imports::arguments::{Arguments, about};
use super::imports::body::{copy, size};
use super::imports::call::{JsCall, now, number_text};
use super::imports::stream::Sink;
use super::imports::web::Promise;
use super::life::{CALLS, End, Life, Wait};
use super::read::Read;
use super::route::Route;
use super::slot::Slot;
use super::task;
use crate::protocol::error::{Class, Error};
use crate::protocol::problem::may_have_run;
use crate::protocol::request::{Body, Credential, Method, Plane, Request};
use crate::protocol::text::concat;
use crate::resources::commands::TOO_LARGE;

/// A chunk of a stream is read in pieces of this size, so that a large one does not make the module's memory
/// grow for good.
const PIECE_BYTES: usize = 65_536;
/// A finished stream's connection is given up when its end does not come in this time, or after so many chunks more.
const DRAIN_MS: f64 = 1_000.0;
const DRAIN_CHUNKS: u32 = 16;
/// How long the answer is waited for of a call that has ended, and may have created something.
const LEFTOVER_MS: f64 = 30_000.0;
/// What answers a request for the rest of a file that has no rest.
const RANGE_NOT_SATISFIABLE: f64 = 416.0;

/// What streams are read through, one for all: memory that a module once has it never gives back.
static PIECE: Slot<Vec<u8>> = Slot::new(Vec::new());
static BATCH: Slot<Batch> = Slot::new(Batch::new());

/// Takes a piece of a stream, and answers whether it has enough.
pub type OnPiece<'a> = &'a mut dyn FnMut(&[u8]) -> Result<bool, Failure>;

/// One call of the surface.
pub struct Call {
    pub number: usize,
    life: Rc<Life>,
    pub js: JsCall,
    /// What it was made with.
    pub given: Rc<Arguments>,
    /// Whether somebody is told of its requests.
    is_observed: bool,
    /// The request under way, or the last.
    request: Cell<(Method, Plane)>,
}

impl Drop for Call {
    fn drop(&mut self) {
        CALLS.remove(self.number);
        self.js.end();
    }
}

impl Call {
    /// A call with those arguments, which ends with their signal.
    pub fn new(given: &Rc<Arguments>) -> Self {
        let life = Rc::new(Life::default());
        let number = CALLS.insert(life.clone());
        let js = JsCall::new(number, given);
        life.js.set(Some(js.clone()));
        if life.has_ended() {
            js.end();
        }
        Self {
            number,
            life,
            is_observed: js.is_observed(),
            js,
            given: given.clone(),
            request: Cell::new((Method::Get, Plane::Data)),
        }
    }

    /// Sends a request once, and reads its answer.
    ///
    /// `timeout_ms` is the time for everything up to the last byte, or for each chunk of a stream.
    pub async fn attempt(
        &self,
        route: &Route,
        request: &Request,
        content: &JsValue,
        timeout_ms: f64,
        read: &Read,
    ) -> Result<JsValue, Failure> {
        self.check()?;
        if request.body != Body::None {
            self.js.carry(request.body as u8, content);
        }
        if let Read::Events(_, ms) = read {
            self.limit(*ms);
        }
        self.request.set((request.method, request.plane));
        self.name(request.target.template());
        // Before the promise is there: from then on nothing may come between it and whoever waits for it.
        self.begin_step(timeout_ms);
        let sent = self.js.send(
            &route.js,
            request.method as u8,
            request.target.as_str(),
            read.mode() as u8,
            read.last_status(),
            read.max_bytes(),
        );
        let value = match sent {
            Ok(promise) => self.step(promise, route).await?,
            Err(thrown) => {
                let Err(ended) = self.check() else {
                    return Err(self.lost(self.failed(thrown, route)));
                };
                // A hook has ended the call before anything was sent, and what was not sent does not act.
                self.request.set((Method::Get, request.plane));
                return Err(self.lost(ended));
            }
        };
        match read {
            Read::Events(sink, _) => return self.follow(route, timeout_ms, sink).await,
            Read::Stream | Read::Chunks(_) => return Ok(value),
            Read::Nothing => {}
            _ if value.is_undefined() => return Err(read.too_large()),
            Read::Bytes(_) | Read::Text(_) | Read::Blob(_) => {
                self.confirm(route, request, timeout_ms).await?;
            }
            _ => {}
        }
        Ok(value)
    }

    /// Tells JavaScript the path of the next request as its entry has it, if anybody is told of it.
    pub fn name(&self, template: &str) {
        if self.is_observed {
            self.js.name(template);
        }
    }

    /// Waits for a part of a request for the time that was begun.
    async fn step(&self, promise: Promise, route: &Route) -> Result<JsValue, Failure> {
        let failure = match self.wait_within(Some(promise)).await {
            Ok(value) => return Ok(value),
            Err(failure) => failure,
        };
        let failure = match (self.check(), failure.thrown()) {
            (Err(ended), _) => ended,
            (_, Some(thrown)) => self.failed(thrown.clone(), route),
            _ => {
                self.js.abort_request();
                failure
            }
        };
        Err(self.lost(failure))
    }

    /// Notes that the request under way has failed so: for those who are told of it, and for what the call's error says.
    pub fn lost(&self, failure: Failure) -> Failure {
        let (method, plane) = self.request.get();
        let class = failure
            .problem()
            .map_or(Class::Sandbox, |problem| problem.class);
        let code = failure.code();
        let ran = may_have_run(method, plane, failure.status(), code);
        self.js.lost(class as u8, code, ran);
        failure
    }

    /// What a request has thrown.
    fn failed(&self, thrown: JsValue, route: &Route) -> Failure {
        let passes = self.life.passes.get();
        let secrets = if passes {
            String::new()
        } else {
            route.secrets()
        };
        Failure::of_request(thrown, &secrets)
    }

    /// Fails where a file has more bytes than came, of which not every runtime tells.
    async fn confirm(
        &self,
        route: &Route,
        request: &Request,
        timeout_ms: f64,
    ) -> Result<(), Failure> {
        let target = request.target.as_str();
        // The relay hands streams on; an archive is made anew at each request.
        let told = route.credential == Credential::Ticket || target.ends_with("=zip");
        if told || !self.js.may_be_cut() {
            return Ok(());
        }
        self.begin_step(timeout_ms);
        let status = self.step(self.js.rest(&route.js, target), route).await?;
        if status.as_f64() == Some(RANGE_NOT_SATISFIABLE) {
            return Ok(());
        }
        let size = number_text(self.js.size());
        let why = concat(&["the file broke off after ", &size, " bytes"]);
        Err(Failure::new(Class::Sandbox, &why, 0, "incomplete"))
    }

    /// Reads a command's stream to its last event.
    async fn follow(
        &self,
        route: &Route,
        timeout_ms: f64,
        sink: &Sink,
    ) -> Result<JsValue, Failure> {
        let mut events = Events::default();
        let mut read = |piece: Option<&[u8]>| {
            let mut batch = BATCH.take();
            match piece {
                Some(piece) if events.push(piece, &mut batch) => {
                    return Err(Error::InvalidResponse(TOO_LARGE.to_owned()).into());
                }
                Some(_) => {}
                None => events.finish(&mut batch),
            }
            let (narrow, wide, pieces, kinds) = batch.parts();
            let ended = !pieces.is_empty() && sink.take(narrow, wide, pieces, kinds, &self.js)?;
            batch.clear();
            BATCH.set(batch);
            self.check()?;
            Ok(ended)
        };
        let ended = self
            .read_stream(route, timeout_ms, &mut |piece| read(Some(piece)))
            .await?;
        if ended || read(None)? {
            Ok(sink.result())
        } else {
            Err(Error::StreamEnded.into())
        }
    }

    /// Gives a stream to `on_piece`, piece by piece, until that has enough. Answers whether it had, before the stream
    /// ended. Each chunk has `timeout_ms`.
    pub async fn read_stream(
        &self,
        route: &Route,
        timeout_ms: f64,
        on_piece: OnPiece<'_>,
    ) -> Result<bool, Failure> {
        loop {
            let chunk = self.chunk(route, timeout_ms).await?;
            if chunk.is_undefined() {
                return Ok(false);
            }
            // Nothing is awaited while it is taken, so one is enough; a callback that reads on gets its own.
            let mut piece = PIECE.take();
            piece.resize(PIECE_BYTES, 0);
            let taken = take_chunk(&chunk, &mut piece, on_piece);
            PIECE.set(piece);
            if taken? {
                return Ok(true);
            }
            // Whoever is slow to take it slows the connection.
            let held = self.js.held();
            if !held.is_undefined() {
                self.step(held.unchecked_into(), route).await?;
            }
        }
    }

    /// The next chunk of a stream, undefined at its end.
    pub async fn chunk(&self, route: &Route, timeout_ms: f64) -> Result<JsValue, Failure> {
        self.life.ask_clock(now());
        self.check()?;
        self.begin_step(timeout_ms);
        self.step(self.js.chunk(), route).await
    }

    /// Reads what is left of a finished stream, in the background, so that its connection can serve again.
    pub fn drain(self) {
        self.limit(DRAIN_MS);
        self.js.unref();
        task::background(Box::pin(async move {
            for _ in 0..DRAIN_CHUNKS {
                if self.wait(self.js.chunk()).await?.is_undefined() {
                    break;
                }
            }
            Ok(())
        }));
    }

    /// From now on its requests are a page's, with those headers. What a page has a say in, its relay alone may look through
    /// for secrets: this must not tell a guess from the truth.
    pub fn passes(&self, headers: &JsValue) {
        self.life.passes.set(true);
        self.js.passes(headers);
    }

    /// Fails when the call has ended.
    pub fn check(&self) -> Result<(), Failure> {
        self.life.check()
    }

    /// Ends it with a value that is to be thrown as it is.
    pub fn fail(&self, thrown: JsValue) {
        self.life.end(End::Failed(thrown));
        self.life.wake();
    }

    /// If [`Self::fail`] ended it, ends `other` in the same way.
    pub fn hand_over(&self, other: &Self) {
        if let Some(End::Failed(thrown)) = self.life.end.get().as_deref() {
            other.fail(thrown.clone());
        }
    }

    /// Ends it after that time, whatever the requests take.
    pub fn limit(&self, ms: f64) {
        let now = now();
        self.life.limit.set(now + ms, ms);
        self.life.arm(now);
    }

    /// Lifts the limit.
    pub fn lift_limit(&self) {
        self.life.limit.lift();
        self.life.armed.lift();
        self.js.arm(f64::INFINITY);
    }

    /// Ends it: its answer is no longer wanted.
    pub fn stop(&self) {
        self.life.end(End::Stopped);
        self.life.wake();
    }

    /// What `promise` comes to, as long as the call goes on.
    pub fn wait(&self, promise: Promise) -> Wait<'_> {
        Wait {
            life: &self.life,
            promise: Some(promise),
            waits: false,
        }
    }

    /// The next wait has that time.
    fn begin_step(&self, ms: f64) {
        let now = now();
        self.life.step.set(now + ms, ms);
        self.life.arm(now);
    }

    /// The same, for the time that was begun; where there is no promise, until it is over.
    async fn wait_within(&self, promise: Option<Promise>) -> Result<JsValue, Failure> {
        let done = Wait {
            life: &self.life,
            promise,
            waits: false,
        };
        let done = done.await;
        self.life.step.lift();
        done
    }

    pub async fn sleep(&self, ms: f64) -> Result<(), Failure> {
        self.begin_step(ms);
        self.life.sleeps.set(true);
        let _ = self.wait_within(None).await;
        self.life.sleeps.set(false);
        self.check()
    }

    /// Sleeps until `promise` has settled, for that time at most.
    pub async fn sleep_beside(&self, promise: &Promise, ms: f64) -> Result<(), Failure> {
        self.begin_step(ms);
        let _ = self.wait_within(Some(promise.clone())).await;
        self.check()
    }

    /// Ends a sleep before its time.
    pub fn hurry(&self) {
        if self.life.sleeps.get() {
            self.life.wake();
        }
    }

    /// From now on its requests go on when it ends: what they create must not be left behind.
    pub fn keep(&self) {
        self.js.keep(true);
    }

    /// The answer that a call that was [kept](Self::keep) gets though it has ended; undefined where none comes in time.
    pub async fn leftover(&self) -> JsValue {
        let patience = Self::new(&Rc::new(about(&self.given, 0)));
        patience.limit(LEFTOVER_MS);
        // An answer under way keeps a program running, and this alone should not.
        patience.js.unref();
        let answer = patience.wait(self.js.outcome()).await;
        self.js.keep(false);
        self.js.abort_request();
        answer.unwrap_or(JsValue::UNDEFINED)
    }
}

/// Gives a chunk to `on_piece` in pieces, until that has enough. Answers whether it had.
fn take_chunk(chunk: &JsValue, buffer: &mut [u8], on_piece: OnPiece<'_>) -> Result<bool, Failure> {
    let taken_away = || Error::InvalidResponse("a piece of the answer was taken away".to_owned());
    let size = size(chunk).map_err(|_| taken_away())?;
    let mut start = 0;
    while start < size {
        let copied = copy(chunk, start, buffer);
        let Some(piece) = buffer.get(..copied).filter(|piece| !piece.is_empty()) else {
            return Err(taken_away().into());
        };
        if on_piece(piece)? {
            return Ok(true);
        }
        start += copied;
    }
    Ok(false)
}

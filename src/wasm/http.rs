//! One request: sent, its answer read, and what can end it on the way.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::options::RequestOptions;
use super::slot::Slot;
use super::task::{Promise, Settle};
use crate::call::{Credential, ReadMode, Request};
use crate::commands::{Batch, Events};
use crate::error::Error;
use crate::text::concat;

/// A chunk of a stream is read in pieces of this size, so that a large one does not make the module's memory
/// grow for good.
const PIECE_BYTES: usize = 65_536;

#[wasm_bindgen(module = "/src/wasm/js/http.js")]
extern "C" {
    #[wasm_bindgen(js_name = Call)]
    pub type JsCall;
    #[wasm_bindgen(constructor, js_class = Call)]
    fn new(signal: &JsValue, given: &JsValue) -> JsCall;
    #[wasm_bindgen(method)]
    fn close(this: &JsCall);
    #[wasm_bindgen(method)]
    fn share(this: &JsCall, shared: &Shared) -> Promise;
    #[wasm_bindgen(method, js_name = shareQuietly)]
    fn share_quietly(this: &JsCall, shared: &Shared) -> Promise;
    #[wasm_bindgen(method, js_name = sleepBeside)]
    fn sleep_beside(this: &JsCall, promise: &Promise, ms: f64) -> Promise;
    #[wasm_bindgen(method)]
    fn hurry(this: &JsCall);
    #[wasm_bindgen(method)]
    fn keep(this: &JsCall);
    #[wasm_bindgen(method)]
    fn leftover(this: &JsCall) -> Promise;
    #[wasm_bindgen(method)]
    fn stop(this: &JsCall);
    #[wasm_bindgen(method)]
    fn passes(this: &JsCall, given: &JsValue);
    #[wasm_bindgen(method)]
    fn fail(this: &JsCall, value: &JsValue);
    #[wasm_bindgen(method, js_name = handOver)]
    fn hand_over(this: &JsCall, other: &JsCall);
    #[wasm_bindgen(method)]
    fn limit(this: &JsCall, ms: f64);
    #[wasm_bindgen(method, getter)]
    fn signal(this: &JsCall) -> JsValue;
    #[wasm_bindgen(method, catch)]
    fn check(this: &JsCall) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    fn sleep(this: &JsCall, ms: f64) -> Promise;
    #[wasm_bindgen(method)]
    fn attempt(
        this: &JsCall,
        url: &str,
        method: u8,
        credential: u8,
        secret: &str,
        sandbox_id: &str,
        body: u8,
        content: &JsValue,
        ms: f64,
        how: u8,
        limit: f64,
    ) -> Promise;
    #[wasm_bindgen(method)]
    fn chunk(this: &JsCall, reader: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    fn drain(this: &JsCall, reader: &JsValue);

    /// A call made for several. It ends with the last of those who wait for it.
    #[derive(Clone)]
    pub type Shared;
    #[wasm_bindgen(constructor)]
    pub fn new() -> Shared;
    #[wasm_bindgen(method, getter)]
    pub fn signal(this: &Shared) -> JsValue;
    /// Tells of its promise.
    #[wasm_bindgen(method)]
    pub fn begin(this: &Shared, promise: &Promise);
    #[wasm_bindgen(method, getter)]
    pub fn alive(this: &Shared) -> bool;

    pub fn random() -> f64;
    pub fn now() -> f64;
}

#[wasm_bindgen(module = "/src/wasm/js/body.js")]
extern "C" {
    /// How many bytes a chunk has; throws where its memory is gone.
    #[wasm_bindgen(catch)]
    fn size(chunk: &JsValue) -> Result<usize, JsValue>;
    /// Copies what comes after `start` of a chunk; answers with the number of bytes.
    fn copy(chunk: &JsValue, start: usize, into: &mut [u8]) -> usize;
}

#[wasm_bindgen(module = "/src/wasm/js/failures.js")]
extern "C" {
    /// What a failure is to the retry policy: a status, 0 for a failed connection, 1 for what is final.
    #[wasm_bindgen(js_name = statusOf)]
    pub fn status_of(failure: &JsValue) -> u16;
    /// The `Retry-After` of the answer that a failure stands for, in milliseconds, or NaN.
    #[wasm_bindgen(js_name = retryAfterOf)]
    pub fn retry_after_of(failure: &JsValue) -> f64;
}

#[wasm_bindgen(module = "/src/wasm/js/stream.js")]
extern "C" {
    /// Takes the output of a streaming command.
    pub type Sink;
    /// Answers whether the last event came.
    #[wasm_bindgen(method, catch)]
    fn take(this: &Sink, batch: &[u8], call: &JsCall) -> Result<bool, JsValue>;
    #[wasm_bindgen(method)]
    fn result(this: &Sink) -> JsValue;
}

/// What streams are read through, one for all: memory that a module once has it never gives back.
static PIECE: Slot<Vec<u8>> = Slot::new(Vec::new());
static BATCH: Slot<Batch> = Slot::new(Batch::new());

/// Takes a piece of a stream, and answers whether it has enough.
pub type Take<'a> = &'a mut dyn FnMut(&[u8]) -> Result<bool, Failure>;

/// What is made of an answer's body.
pub enum Read {
    /// Nothing: it is read only so that the connection can serve again.
    Nothing,
    /// JSON.
    Json,
    /// JSON of so many bytes at most.
    Output(f64),
    /// Text of so many bytes at most.
    Text(f64),
    /// Bytes, so many at most.
    Bytes(f64),
    /// The events of a command, which has so many milliseconds, or NaN.
    Events(Sink, f64),
    /// A reader of its chunks.
    Stream,
    /// Nothing: it is handed back unread.
    Response,
}

/// Where a request goes, and for whom.
pub struct Route {
    pub origin: String,
    pub credential: Credential,
    /// The key, token or ticket, to be kept out of every error.
    pub secret: String,
    /// Sandbox to be named in a header, or nothing.
    pub sandbox_id: String,
}

impl Read {
    /// Its mode, and its limit.
    fn parts(&self) -> (ReadMode, f64) {
        match self {
            Self::Nothing => (ReadMode::Nothing, f64::NAN),
            Self::Json => (ReadMode::Json, f64::NAN),
            Self::Output(limit) => (ReadMode::Output, *limit),
            Self::Text(limit) => (ReadMode::Text, *limit),
            Self::Bytes(limit) => (ReadMode::Bytes, *limit),
            Self::Stream => (ReadMode::Stream, f64::NAN),
            Self::Events(_, ms) => (ReadMode::Stream, *ms),
            Self::Response => (ReadMode::Response, f64::NAN),
        }
    }
}

/// One call of the surface: its requests one after another, and what ends them.
pub struct Call {
    pub js: JsCall,
}

impl Drop for Call {
    fn drop(&mut self) {
        self.js.close();
    }
}

impl Call {
    /// A call that ends with `signal`, which may be undefined.
    pub fn new(signal: &JsValue) -> Self {
        let js = JsCall::new(signal, &JsValue::UNDEFINED);
        Self { js }
    }

    /// A call with those options.
    pub fn with(options: &RequestOptions) -> Self {
        let js = JsCall::new(&options.signal, &options.given);
        Self { js }
    }

    /// Sends a request once, and reads its answer.
    ///
    /// `patience_ms` is the time for everything up to the last byte, or for each chunk of a stream.
    pub async fn attempt(
        &self,
        route: &Route,
        request: &Request,
        content: &JsValue,
        patience_ms: f64,
        read: &Read,
    ) -> Result<JsValue, Failure> {
        let (how, limit) = read.parts();
        let sent = self.js.attempt(
            &concat(&[&route.origin, request.target.as_str()]),
            request.method as u8,
            route.credential as u8,
            &route.secret,
            &route.sandbox_id,
            request.body as u8,
            content,
            patience_ms,
            how as u8,
            limit,
        );
        let value = Settle::new(sent).await?;
        match read {
            Read::Events(sink, _) => self.follow(&value, sink).await,
            _ => Ok(value),
        }
    }

    /// Reads a command's stream to its last event.
    async fn follow(&self, reader: &JsValue, sink: &Sink) -> Result<JsValue, Failure> {
        let mut events = Events::default();
        let mut read = |piece: Option<&[u8]>| {
            let mut batch = BATCH.take();
            match piece {
                Some(piece) => events.push(piece, &mut batch)?,
                None => events.finish(&mut batch),
            }
            let ended = match batch.take() {
                Some(parts) => sink.take(parts, &self.js)?,
                None => false,
            };
            batch.clear();
            BATCH.set(batch);
            Ok(ended)
        };
        let ended = self
            .read_stream(reader, &mut |piece| read(Some(piece)))
            .await?;
        if ended || read(None)? {
            Ok(sink.result())
        } else {
            Err(Error::StreamEnded.into())
        }
    }

    /// Gives a stream to `take`, piece by piece, until that has enough. Answers whether it had, before the
    /// stream ended.
    pub async fn read_stream(&self, reader: &JsValue, take: Take<'_>) -> Result<bool, Failure> {
        loop {
            let chunk = Settle::new(self.js.chunk(reader)).await?;
            if chunk.is_undefined() {
                return Ok(false);
            }
            // Nothing is awaited while it is taken, so one is enough; a callback that reads on gets its own.
            let mut piece = PIECE.take();
            piece.resize(PIECE_BYTES, 0);
            let taken = take_chunk(&chunk, &mut piece, take);
            PIECE.set(piece);
            if taken? {
                self.js.drain(reader);
                return Ok(true);
            }
        }
    }

    /// Fails when the call has ended.
    pub fn check(&self) -> Result<(), JsValue> {
        self.js.check()
    }

    /// Ends everything with a value that is to be thrown as it is.
    pub fn fail(&self, value: &JsValue) {
        self.js.fail(value);
    }

    /// If [`Self::fail`] ended it, ends `other` in the same way.
    pub fn hand_over(&self, other: &Self) {
        self.js.hand_over(&other.js);
    }

    /// Ends everything after that time, whatever the requests take.
    pub fn limit(&self, ms: f64) {
        self.js.limit(ms);
    }

    /// A signal for calls that end with this one.
    pub fn signal(&self) -> JsValue {
        self.js.signal()
    }

    /// Sleeps until `promise` has settled, for that time at most.
    pub fn sleep_beside(&self, promise: &Promise, ms: f64) -> Settle {
        Settle::new(self.js.sleep_beside(promise, ms))
    }

    /// Ends a sleep before its time.
    pub fn hurry(&self) {
        self.js.hurry();
    }

    /// From now on its requests go on when it ends: what they create must not be left behind.
    pub fn keep(&self) {
        self.js.keep();
    }

    /// The answer that came when it had ended already, or undefined.
    pub fn leftover(&self) -> Promise {
        self.js.leftover()
    }

    /// Ends everything: its answer is no longer wanted.
    pub fn stop(&self) {
        self.js.stop();
    }

    /// From now on its requests are a page's: with the `headers` given, and `clear` takes the secrets out of what errors
    /// say.
    pub fn passes(&self, given: &JsValue) {
        self.js.passes(given);
    }

    pub fn sleep(&self, ms: f64) -> Settle {
        Settle::new(self.js.sleep(ms))
    }

    /// Waits for what other calls wait for too, as long as this one may go on.
    pub fn share(&self, shared: &Shared) -> Settle {
        Settle::new(self.js.share(shared))
    }

    /// The same, and takes no notice of how it ends.
    pub fn share_quietly(&self, shared: &Shared) -> Settle {
        Settle::new(self.js.share_quietly(shared))
    }
}

/// Gives a chunk to `take` in pieces, until that has enough. Answers whether it had.
fn take_chunk(chunk: &JsValue, buffer: &mut [u8], take: Take<'_>) -> Result<bool, Failure> {
    let taken_away = || Error::InvalidResponse("a piece of the answer was taken away".to_owned());
    let size = size(chunk).map_err(|_| taken_away())?;
    let mut start = 0;
    while start < size {
        let copied = copy(chunk, start, buffer);
        let Some(piece) = buffer.get(..copied).filter(|piece| !piece.is_empty()) else {
            return Err(taken_away().into());
        };
        if take(piece)? {
            return Ok(true);
        }
        start += copied;
    }
    Ok(false)
}

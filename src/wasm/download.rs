//! A file that is read as a stream: each piece when it is asked for. Where an answer breaks off it goes on with another, as
//! long as the file is the same.

use alloc::boxed::Box;
use alloc::rc::Rc;

use wasm_bindgen::prelude::*;

use super::call::Call;
use super::context::Context;
use super::exchange::perform;
use super::failure::Failure;
use super::imports::arguments::Arguments;
use super::imports::call::random;
use super::imports::download::{Download as JsDownload, stream_of};
use super::imports::web::Promise;
use super::options::policy;
use super::prepared::Prepared;
use super::route::Route;
use super::slab::Slab;
use super::task;
use crate::protocol::error::Class;
use crate::protocol::problem::Problem;
use crate::protocol::request::Method;
use crate::protocol::retry;
use crate::resources::commands::STREAM_IDLE_MS;

struct Download {
    call: Call,
    prepared: Box<Prepared>,
    context: Rc<Context>,
    js: JsDownload,
    /// Where its first answer came from: what an error may not show of a later one, the context knows.
    route: Rc<Route>,
    /// Milliseconds that a chunk may take.
    timeout_ms: f64,
}

static DOWNLOADS: Slab<Rc<Download>> = Slab::new();

/// Answers with the stream once the first answer has begun.
pub async fn open(
    context: Rc<Context>,
    given: &Rc<Arguments>,
    prepared: Box<Prepared>,
) -> Result<JsValue, Failure> {
    let call = Call::new(given);
    let js = JsDownload::new(&call.js);
    perform(&call, &prepared).await?;
    js.opened();
    let download = Download {
        route: Route::of(&prepared.to, &prepared.request)?,
        timeout_ms: given.timeout_ms().unwrap_or(STREAM_IDLE_MS),
        call,
        prepared,
        context,
        js,
    };
    download.measure(download.js.size())?;
    Ok(stream_of(DOWNLOADS.insert(Rc::new(download))))
}

impl Download {
    /// Fails where it is larger than the caller wants.
    fn measure(&self, size: f64) -> Result<(), Failure> {
        let read = &self.prepared.read;
        if size > read.max_bytes() {
            return Err(read.too_large());
        }
        Ok(())
    }

    /// The next chunk, undefined at the end.
    async fn next(&self) -> Result<JsValue, Failure> {
        let Self {
            call, prepared, js, ..
        } = self;
        let mut attempt = 1;
        loop {
            let failure = match call.chunk(&self.route, self.timeout_ms).await {
                Ok(chunk) if chunk.is_undefined() => {
                    if js.is_whole() {
                        return Ok(chunk);
                    }
                    Problem::network("the file broke off").into()
                }
                Ok(chunk) => {
                    let received = js.take(&chunk);
                    call.check()?;
                    self.measure(received)?;
                    return Ok(chunk);
                }
                Err(failure) => failure,
            };
            call.check()?;
            let delay_ms = |outcome| {
                let policy = policy(&call.given, &failure);
                retry::delay_ms(&policy, Method::Get, attempt, outcome, random())
            };
            let delay_ms = failure.outcome().and_then(delay_ms);
            let Some(ms) = delay_ms.filter(|_| js.resume()) else {
                return Err(failure);
            };
            call.js.repeat(ms);
            call.sleep(ms).await?;
            attempt += 1;
            perform(call, prepared).await?;
            if !js.opened() {
                let why = "the file was changed while it was read";
                return Err(Failure::new(Class::Conflict, why, 409, "changed"));
            }
        }
    }
}

/// The next chunk of the stream of that number, undefined at its end.
#[wasm_bindgen(skip_typescript)]
pub fn pull(number: usize) -> Promise {
    let download = DOWNLOADS.with(number, |download| download.clone());
    task::promise(Box::pin(async move {
        let Some(download) = download else {
            return Ok(JsValue::UNDEFINED);
        };
        let next = download.next().await;
        next.map_err(|failure| download.context.error(failure))
    }))
}

/// Nobody wants more of the stream of that number, or there is no more.
#[wasm_bindgen(skip_typescript)]
pub fn cancel(number: usize) {
    if let Some(download) = DOWNLOADS.remove(number) {
        download.call.stop();
    }
}

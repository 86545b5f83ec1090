//! `sandbox.commands`.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::failure::Failure;
use super::http::{Call, Read};
use super::input::given;
use super::instance::Instance;
use super::options::{RequestOptions, byte_limit, callback, fields};
use super::{output, task};
use crate::commands::{self, DEFAULT_MAX_OUTPUT_BYTES, Events, patience_ms};
use crate::error::Error;
use crate::wire::command::{COMMAND_OPTIONS, COMMAND_RESULT};

/// A chunk is read in pieces of this size, so that one large chunk does not make the module's memory grow
/// for good.
const PIECE_BYTES: u32 = 65_536;

#[wasm_bindgen(module = "/src/wasm/js/stream.js")]
extern "C" {
    type Sink;
    #[wasm_bindgen(constructor)]
    fn new(on_stdout: &JsValue, on_stderr: &JsValue) -> Sink;
    #[wasm_bindgen(method, catch)]
    fn take(this: &Sink, batch: &[u8]) -> Result<(), JsValue>;
    #[wasm_bindgen(method)]
    fn result(this: &Sink, exit_code: i32) -> JsValue;
}

/// Runs commands in a sandbox: `sandbox.commands`.
#[wasm_bindgen]
pub struct Commands {
    instance: Rc<Instance>,
}

#[wasm_bindgen]
impl Commands {
    /// Runs a command under `/bin/sh -c` and resolves with what it left behind.
    ///
    /// With `onStdout` or `onStderr` the output is streamed to them as it comes. A paused sandbox is
    /// resumed first. An exit code other than 0 is a result, not an error.
    ///
    /// @throws {@link TimeoutError} when no answer came in time.
    /// @throws {@link SandboxError} when the stream ended before the command did.
    ///
    /// @example
    /// ```typescript
    /// const { stdout, exitCode } = await sandbox.commands.run("ls -l", { cwd: "/app" })
    ///
    /// await sandbox.commands.run("npm install", {
    ///   timeoutMs: 120_000,
    ///   onStdout: (data) => process.stdout.write(data),
    ///   onStderr: (data) => process.stderr.write(data),
    /// })
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<CommandResult>")]
    pub fn run(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] command: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "CommandOptions")] options: JsValue,
    ) -> Promise {
        let instance = self.instance.clone();
        task::promise(instance.place("Commands.run"), run(instance, command, options))
    }
}

impl Commands {
    pub fn new(instance: Rc<Instance>) -> Self {
        Self { instance }
    }
}

async fn run(
    instance: Rc<Instance>,
    command: JsValue,
    options: JsValue,
) -> Result<JsValue, Failure> {
    let [_, _, timeout, on_stdout, on_stderr, signal, max_output] =
        fields(&options, &COMMAND_OPTIONS)?;
    let encoded = commands::body(&given(&command), (!options.is_undefined()).then_some(&options))?;
    let on_stdout = callback("onStdout", on_stdout)?;
    let on_stderr = callback("onStderr", on_stderr)?;
    let limit = byte_limit("maxOutputBytes", &max_output, DEFAULT_MAX_OUTPUT_BYTES)?;
    let request_options = RequestOptions::of(signal, &timeout)?;

    let streams = on_stdout.is_function() || on_stderr.is_function();
    let patience_ms = patience_ms(request_options.timeout_ms, streams);
    let call = Call::new(&request_options);
    if !streams {
        let read = Read::JsonWithin("maxOutputBytes", limit);
        let request = commands::run(encoded);
        let raw = instance.data(&call, &request, &JsValue::UNDEFINED, patience_ms, read).await?;
        return output::one(&COMMAND_RESULT, &raw);
    }
    let request = commands::stream(encoded);
    let reader =
        instance.data(&call, &request, &JsValue::UNDEFINED, patience_ms, Read::Stream).await?;
    follow(&call, &reader, patience_ms, &Sink::new(&on_stdout, &on_stderr)).await
}

/// Reads a command's stream to its last event.
async fn follow(
    call: &Call,
    reader: &JsValue,
    patience_ms: f64,
    sink: &Sink,
) -> Result<JsValue, Failure> {
    let mut events = Events::default();
    let mut buffer = Vec::new();
    loop {
        let Some(chunk) = call.chunk(reader, patience_ms).await? else {
            events.finish();
            deliver(&mut events, sink)?;
            let code = events.exit_code().ok_or(Error::StreamEnded)?;
            return Ok(sink.result(code));
        };
        let length = chunk.length();
        for start in (0..length).step_by(PIECE_BYTES as usize) {
            let piece = chunk.subarray(start, length.min(start + PIECE_BYTES));
            buffer.resize(piece.length() as usize, 0);
            piece.copy_to(&mut buffer);
            events.push(&buffer)?;
            deliver(&mut events, sink)?;
        }
        if let Some(code) = events.exit_code() {
            call.finish(reader);
            return Ok(sink.result(code));
        }
    }
}

fn deliver(events: &mut Events, sink: &Sink) -> Result<(), Failure> {
    let taken = events.output.take().map_or(Ok(()), |batch| sink.take(batch));
    events.output.clear();
    taken.map_err(Failure::Thrown)
}

//! `sandbox.commands`.

use alloc::boxed::Box;
use alloc::rc::Rc;

use wasm_bindgen::prelude::*;

use super::failure::{Failure, Place};
use super::http::{Read, Sink};
use super::instance::Instance;
use super::options::RequestOptions;
use super::plan::{self, Plan, To};
use super::surface;
use super::task::Promise;
use crate::commands::{self, DEFAULT_MAX_OUTPUT_BYTES, patience_ms};
use crate::wire::command::{COMMAND_OPTIONS, COMMAND_RESULT};

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
        let plan = run(&self.instance, &command, &options);
        plan::run(Place::of("Commands.run", &self.instance.id), plan)
    }
}

impl Commands {
    pub fn new(instance: Rc<Instance>) -> Self {
        Self { instance }
    }
}

fn run(
    instance: &Rc<Instance>,
    command: &JsValue,
    options: &JsValue,
) -> Result<Box<Plan>, Failure> {
    let given = surface::read(&COMMAND_OPTIONS, options)?.with("command", command)?;
    let (on_stdout, on_stderr) = (given.on_stdout(), given.on_stderr());
    let request_options = RequestOptions::of(&given);
    let streams = on_stdout.is_function() || on_stderr.is_function();
    let patience_ms = patience_ms(request_options.timeout_ms, streams);
    let request = if streams {
        commands::stream()
    } else {
        commands::run()
    };
    let plan = Plan::new(To::Sandbox(instance.clone()), request, request_options);
    let mut plan = plan.content(given.body()?);
    plan.patience_ms = patience_ms;
    Ok(if streams {
        plan.answer(
            Read::Events(Sink::new(&on_stdout, &on_stderr)),
            |_, result| Ok(result),
        )
    } else {
        let limit = given.max_output_bytes().unwrap_or(DEFAULT_MAX_OUTPUT_BYTES);
        plan.answer(Read::Output(limit), |_, raw| {
            surface::one(&COMMAND_RESULT, &raw)
        })
    })
}

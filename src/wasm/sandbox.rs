//! `Sandbox`.

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::commands::Commands;
use super::failure::{Failure, Place};
use super::files::Files;
use super::http::{self, Call, Read};
use super::input::given;
use super::instance::{Instance, wake};
use super::options::{self, RequestOptions, fields};
use super::{output, task};
use crate::config::Config;
use crate::sandbox::{self, Filter, Wake};
use crate::shape::{Given, Input, encode, integer, must};
use crate::wire::sandbox::{CREATE_OPTIONS, INSTANCE, LIST_OPTIONS, SANDBOX_INFO, UPDATE_OPTIONS};

#[wasm_bindgen(module = "/src/wasm/js/sandbox.js")]
extern "C" {
    fn dress(sandbox: &JsValue, shown: &JsValue, commands: &JsValue, files: &JsValue);
}

/// A sandbox: a virtual machine of your own, to run commands and keep files in.
///
/// @example
/// ```typescript
/// import { Sandbox } from "@superserve/sdk"
///
/// const sandbox = await Sandbox.create({ name: "my-sandbox" })
/// const { stdout } = await sandbox.commands.run("echo hello")
/// await sandbox.kill()
/// ```
#[wasm_bindgen]
pub struct Sandbox {
    instance: Rc<Instance>,
}

#[wasm_bindgen]
impl Sandbox {
    /// Creates a sandbox. It is active once the promise resolves.
    ///
    /// @throws {@link ValidationError} for options that are not as documented, before any request.
    /// @throws {@link NotFoundError} when there is no such template; {@link ConflictError} when it is not
    /// ready; {@link RateLimitError} with code `too_many_sandboxes`.
    ///
    /// @example
    /// ```typescript
    /// const sandbox = await Sandbox.create({
    ///   name: "worker-1",
    ///   timeoutSeconds: 600,
    ///   metadata: { team: "search" },
    ///   envVars: { MODE: "test" },
    /// })
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<Sandbox>")]
    pub fn create(
        #[wasm_bindgen(unchecked_param_type = "SandboxCreateOptions")] options: JsValue,
    ) -> Promise {
        task::promise(Place::new("Sandbox.create"), async move {
            let body = encode(&CREATE_OPTIONS, &options)?;
            let (config, request_options) = connection(&options)?;
            let request = sandbox::create(body);
            let call = Call::new(&request_options);
            let raw = http::control(&call, &config, &request_options, &request, Read::Json).await?;
            instance(config, &raw)
        })
    }

    /// Connects to a sandbox by its id, and resumes it if it is paused.
    ///
    /// Where another caller is resuming it just then, this waits for that (30 seconds at most).
    ///
    /// @throws {@link NotFoundError} when there is no such sandbox.
    #[wasm_bindgen(unchecked_return_type = "Promise<Sandbox>")]
    pub fn connect(
        #[wasm_bindgen(js_name = sandboxId, unchecked_param_type = "string")] sandbox_id: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "ConnectionOptions")] options: JsValue,
    ) -> Promise {
        task::promise(Place::new("Sandbox.connect"), async move {
            let id = options::required_text("sandboxId", &sandbox_id)?;
            let (config, request_options) = connection(&options)?;
            let raw = wake(&config, &id, Wake::Activate, &request_options).await?;
            instance(config, &raw)
        })
    }

    /// Lists the team's sandboxes.
    ///
    /// @example
    /// ```typescript
    /// const active = await Sandbox.list({ metadata: { team: "search" }, status: "active", limit: 50 })
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<SandboxInfo[]>")]
    pub fn list(
        #[wasm_bindgen(unchecked_optional_param_type = "SandboxListOptions")] options: JsValue,
    ) -> Promise {
        task::promise(Place::new("Sandbox.list"), async move {
            let request = sandbox::list(&filter(&options)?);
            let (config, request_options) = connection(&options)?;
            let call = Call::new(&request_options);
            let raw = http::control(&call, &config, &request_options, &request, Read::Json).await?;
            output::all(&SANDBOX_INFO, &raw)
        })
    }

    /// Deletes a sandbox by its id. One that is gone already is no error.
    #[wasm_bindgen(js_name = killById, unchecked_return_type = "Promise<void>")]
    pub fn kill_by_id(
        #[wasm_bindgen(js_name = sandboxId, unchecked_param_type = "string")] sandbox_id: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "ConnectionOptions")] options: JsValue,
    ) -> Promise {
        task::promise(Place::new("Sandbox.killById"), async move {
            let id = options::required_text("sandboxId", &sandbox_id)?;
            let (config, request_options) = connection(&options)?;
            kill(&config, &id, &request_options).await
        })
    }

    /// Changes a sandbox by its id, and leaves it paused if it is. See {@link Sandbox.update}.
    #[wasm_bindgen(js_name = updateById, unchecked_return_type = "Promise<void>")]
    pub fn update_by_id(
        #[wasm_bindgen(js_name = sandboxId, unchecked_param_type = "string")] sandbox_id: JsValue,
        #[wasm_bindgen(unchecked_param_type = "SandboxUpdateOptions")] options: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "ConnectionOptions")] connection_: JsValue,
    ) -> Promise {
        task::promise(Place::new("Sandbox.updateById"), async move {
            let id = options::required_text("sandboxId", &sandbox_id)?;
            let request = sandbox::update(&id, encode(&UPDATE_OPTIONS, &options)?)?;
            let (config, mut request_options) = connection(&connection_)?;
            let own = RequestOptions::read(&options)?;
            request_options.merge(own);
            let call = Call::new(&request_options);
            http::control(&call, &config, &request_options, &request, Read::Nothing).await
        })
    }

    /// Reads what the service knows of this sandbox now. The properties of this object stay as they are.
    #[wasm_bindgen(js_name = getInfo, unchecked_return_type = "Promise<SandboxInfo>")]
    pub fn get_info(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "RequestOptions")] options: JsValue,
    ) -> Promise {
        self.call("Sandbox.getInfo", move |instance| async move {
            let options = RequestOptions::read(&options)?;
            let raw = instance.control(&options, &sandbox::get(&instance.id)?, Read::Json).await?;
            output::one(&SANDBOX_INFO, &raw)
        })
    }

    /// Pauses this sandbox. Its memory, processes and files are kept; they go on when it is resumed.
    ///
    /// @throws {@link ConflictError} unless it is active.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn pause(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "RequestOptions")] options: JsValue,
    ) -> Promise {
        self.call("Sandbox.pause", move |instance| async move {
            let options = RequestOptions::read(&options)?;
            instance.control(&options, &sandbox::pause(&instance.id)?, Read::Nothing).await
        })
    }

    /// Resumes this sandbox. Commands and file operations do that by themselves when they find it paused.
    ///
    /// @throws {@link ConflictError} unless it is paused, or another caller is resuming it just then.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn resume(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "RequestOptions")] options: JsValue,
    ) -> Promise {
        self.call("Sandbox.resume", move |instance| async move {
            let options = RequestOptions::read(&options)?;
            instance.wake(Wake::Resume, &options).await.map(|()| JsValue::UNDEFINED)
        })
    }

    /// Deletes this sandbox and all that is in it. One that is gone already is no error.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn kill(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "RequestOptions")] options: JsValue,
    ) -> Promise {
        self.call("Sandbox.kill", move |instance| async move {
            let options = RequestOptions::read(&options)?;
            kill(&instance.config, &instance.id, &options).await
        })
    }

    /// Changes this sandbox. What the options leave out stays as it is; `null` clears a number.
    ///
    /// @throws {@link ValidationError} when nothing is to be changed.
    /// @throws {@link ConflictError} for `network` unless the sandbox is active.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn update(
        &self,
        #[wasm_bindgen(unchecked_param_type = "SandboxUpdateOptions")] options: JsValue,
    ) -> Promise {
        self.call("Sandbox.update", move |instance| async move {
            let body = encode(&UPDATE_OPTIONS, &options)?;
            let options = RequestOptions::read(&options)?;
            instance.control(&options, &sandbox::update(&instance.id, body)?, Read::Nothing).await
        })
    }

    fn call<F>(&self, operation: &'static str, run: impl FnOnce(Rc<Instance>) -> F) -> Promise
    where
        F: Future<Output = Result<JsValue, Failure>> + 'static,
    {
        task::promise(self.instance.place(operation), run(self.instance.clone()))
    }
}

/// The JavaScript object of a sandbox that an answer describes.
fn instance(config: Config, raw: &JsValue) -> Result<JsValue, Failure> {
    let shown = output::one(&INSTANCE, raw)?;
    let instance = Instance::new(config, raw)?;
    let commands = Commands::new(instance.clone()).into();
    let files = Files::new(instance.clone()).into();
    let sandbox = Sandbox { instance }.into();
    dress(&sandbox, &shown, &commands, &files);
    Ok(sandbox)
}

fn connection(options: &JsValue) -> Result<(Config, RequestOptions), Failure> {
    Ok((options::connection(options)?, RequestOptions::read(options)?))
}

async fn kill(config: &Config, id: &str, options: &RequestOptions) -> Result<JsValue, Failure> {
    let call = Call::new(options);
    match http::control(&call, config, options, &sandbox::kill(id)?, Read::Nothing).await {
        Err(failure) if failure.status() == Some(404) => Ok(JsValue::UNDEFINED),
        Err(failure) => Err(failure),
        Ok(_) => Ok(JsValue::UNDEFINED),
    }
}

fn filter(options: &JsValue) -> Result<Filter, Failure> {
    let [metadata, status, limit, offset] = fields(options, &LIST_OPTIONS)?;
    let number = |at, value: &JsValue, least| match given(value) {
        Given::Absent => Ok(None),
        other => integer(at, &other, least, u32::MAX).map(Some),
    };
    Ok(Filter {
        metadata: tags(&metadata)?,
        status: options::text("status", &status)?,
        limit: number("limit", &limit, 1)?,
        offset: number("offset", &offset, 0)?,
    })
}

fn tags(metadata: &JsValue) -> Result<Vec<(String, String)>, Failure> {
    if metadata.is_undefined() {
        return Ok(Vec::new());
    }
    let entries = metadata.entries().map_err(Failure::Thrown)?;
    let entries = entries.ok_or_else(|| must("metadata", "be an object whose values are strings"))?;
    let mut tags = Vec::new();
    for (key, value) in entries {
        if let Some(value) = options::text(&["metadata.", &key].concat(), &value)? {
            tags.push((key, value));
        }
    }
    Ok(tags)
}

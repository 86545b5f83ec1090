//! `Sandbox`.

use alloc::boxed::Box;
use alloc::rc::Rc;

use wasm_bindgen::prelude::*;

use super::commands::Commands;
use super::failure::{Failure, Place};
use super::files::Files;
use super::http::Read;
use super::instance::Instance;
use super::object::show;
use super::options::{self, RequestOptions};
use super::plan::{self, Plan, To};
use super::surface::{self, Given, argument};
use super::task::Promise;
use crate::call::Request;
use crate::error::Error;
use crate::sandbox::{self, Wake};
use crate::wire::connection::CONNECTION_OPTIONS;
use crate::wire::sandbox::{CREATE_OPTIONS, INSTANCE, LIST_OPTIONS, SANDBOX_INFO, UPDATE_OPTIONS};

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
        plan::run(Place::new("Sandbox.create"), create(&options))
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
        plan::run(
            Place::new("Sandbox.connect"),
            connect(&sandbox_id, &options),
        )
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
        plan::run(Place::new("Sandbox.list"), list(&options))
    }

    /// Deletes a sandbox by its id. One that is gone already is no error.
    #[wasm_bindgen(js_name = killById, unchecked_return_type = "Promise<void>")]
    pub fn kill_by_id(
        #[wasm_bindgen(js_name = sandboxId, unchecked_param_type = "string")] sandbox_id: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "ConnectionOptions")] options: JsValue,
    ) -> Promise {
        plan::run(
            Place::new("Sandbox.killById"),
            kill_by_id(&sandbox_id, &options),
        )
    }

    /// Changes a sandbox by its id, and leaves it paused if it is. See {@link Sandbox.update}.
    #[wasm_bindgen(js_name = updateById, unchecked_return_type = "Promise<void>")]
    pub fn update_by_id(
        #[wasm_bindgen(js_name = sandboxId, unchecked_param_type = "string")] sandbox_id: JsValue,
        #[wasm_bindgen(unchecked_param_type = "SandboxUpdateOptions")] options: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "ConnectionOptions")] connection: JsValue,
    ) -> Promise {
        let plan = update_by_id(&sandbox_id, &options, &connection);
        plan::run(Place::new("Sandbox.updateById"), plan)
    }

    /// Reads what the service knows of this sandbox now. The properties of this object stay as they are.
    #[wasm_bindgen(js_name = getInfo, unchecked_return_type = "Promise<SandboxInfo>")]
    pub fn get_info(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "RequestOptions")] options: JsValue,
    ) -> Promise {
        self.run("Sandbox.getInfo", &options, sandbox::get, |plan| {
            plan.answer(Read::Json, |_, raw| surface::one(&SANDBOX_INFO, &raw))
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
        self.run("Sandbox.pause", &options, sandbox::pause, |plan| plan)
    }

    /// Resumes this sandbox. Commands and file operations do that by themselves when they find it paused.
    ///
    /// @throws {@link ConflictError} unless it is paused, or another caller is resuming it just then.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn resume(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "RequestOptions")] options: JsValue,
    ) -> Promise {
        let plan = RequestOptions::read(&options);
        let plan = plan.and_then(|options| self.instance.wake(Wake::Resume, options));
        plan::run(self.place("Sandbox.resume"), plan)
    }

    /// Deletes this sandbox and all that is in it. One that is gone already is no error.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn kill(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "RequestOptions")] options: JsValue,
    ) -> Promise {
        self.run("Sandbox.kill", &options, sandbox::kill, Plan::or_gone)
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
        plan::run(
            self.place("Sandbox.update"),
            update(&self.instance, &options),
        )
    }
}

#[wasm_bindgen]
impl Sandbox {
    // Each access would make another object: `object.js` keeps the first.
    #[wasm_bindgen(getter, skip_typescript)]
    pub fn commands(&self) -> Commands {
        Commands::new(self.instance.clone())
    }

    #[wasm_bindgen(getter, skip_typescript)]
    pub fn files(&self) -> Files {
        Files::new(self.instance.clone())
    }
}

impl Sandbox {
    fn place(&self, operation: &'static str) -> Place {
        Place::of(operation, &self.instance.id)
    }

    /// Runs a request about this sandbox that has no options but those of every call.
    fn run(
        &self,
        operation: &'static str,
        options: &JsValue,
        request: fn(&str) -> Result<Request, Error>,
        with: fn(Box<Plan>) -> Box<Plan>,
    ) -> Promise {
        let plan = RequestOptions::read(options).and_then(|options| {
            let to = To::Sandbox(self.instance.clone());
            Ok(with(Plan::new(to, request(&self.instance.id)?, options)))
        });
        plan::run(self.place(operation), plan)
    }
}

fn create(options: &JsValue) -> Result<Box<Plan>, Failure> {
    let given = surface::read(&CREATE_OPTIONS, options)?;
    let plan = service(sandbox::create(), &given)?.content(given.body()?);
    Ok(plan.answer(Read::Json, instance))
}

fn connect(sandbox_id: &JsValue, options: &JsValue) -> Result<Box<Plan>, Failure> {
    let id = argument("sandboxId", sandbox_id)?;
    let given = surface::read(&CONNECTION_OPTIONS, options)?;
    let plan = service(sandbox::wake(Wake::Activate, &id)?, &given)?;
    let mut plan = plan.answer(Read::Json, instance);
    plan.wake = Some(Wake::Activate);
    Ok(plan)
}

fn list(options: &JsValue) -> Result<Box<Plan>, Failure> {
    let given = surface::read(&LIST_OPTIONS, options)?;
    let plan = service(sandbox::list(&given.query()?), &given)?;
    Ok(plan.answer(Read::Json, |_, raw| surface::all(&SANDBOX_INFO, &raw)))
}

fn kill_by_id(sandbox_id: &JsValue, options: &JsValue) -> Result<Box<Plan>, Failure> {
    let id = argument("sandboxId", sandbox_id)?;
    let given = surface::read(&CONNECTION_OPTIONS, options)?;
    Ok(service(sandbox::kill(&id)?, &given)?.or_gone())
}

fn update_by_id(
    sandbox_id: &JsValue,
    options: &JsValue,
    connection: &JsValue,
) -> Result<Box<Plan>, Failure> {
    let request = sandbox::update(&argument("sandboxId", sandbox_id)?)?;
    let change = surface::read(&UPDATE_OPTIONS, options)?;
    let content = change.change()?;
    let mut plan = service(request, &surface::read(&CONNECTION_OPTIONS, connection)?)?;
    plan.options = RequestOptions::of(&change).or(plan.options);
    plan.patience_ms = plan.options.patience_ms();
    Ok(plan.content(content))
}

fn update(instance: &Rc<Instance>, options: &JsValue) -> Result<Box<Plan>, Failure> {
    let request = sandbox::update(&instance.id)?;
    let change = surface::read(&UPDATE_OPTIONS, options)?;
    let plan = Plan::new(
        To::Sandbox(instance.clone()),
        request,
        RequestOptions::of(&change),
    );
    Ok(plan.content(change.change()?))
}

/// A call that is no method of an instance.
fn service(request: Request, given: &Given) -> Result<Box<Plan>, Failure> {
    let to = To::Service(options::connection(given)?);
    Ok(Plan::new(to, request, RequestOptions::of(given)))
}

/// The JavaScript object of a sandbox that an answer describes.
fn instance(to: &To, raw: JsValue) -> Result<JsValue, Failure> {
    // The object does not show it, but an answer has it all the same.
    surface::has_date(&raw, "created_at")?;
    let shown = surface::one(&INSTANCE, &raw)?;
    let sandbox = Sandbox {
        instance: Instance::new(to.config().clone(), &raw)?,
    }
    .into();
    show(&sandbox, &shown);
    Ok(sandbox)
}

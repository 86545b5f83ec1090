//! `Template`.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::build;
use super::failure::{Failure, Place};
use super::http::Read;
use super::object::show;
use super::options::{self, RequestOptions};
use super::plan::{self, Plan, To};
use super::slot::Slot;
use super::surface::{self, argument, member};
use super::task::Promise;
use crate::call::Request;
use crate::config::Config;
use crate::error::Error;
use crate::template as requests;
use crate::wire::connection::CONNECTION_OPTIONS;
use crate::wire::template::{
    BUILD_INFO, BUILDS_LIST_OPTIONS, TEMPLATE_CREATE_OPTIONS, TEMPLATE_INFO, TEMPLATE_LIST_OPTIONS,
};

#[wasm_bindgen(module = "/src/wasm/js/template.js")]
extern "C" {
    /// Notes in a template's fields the build that an answer began. Answers with the newest that is known.
    fn adopt(fields: &JsValue, build: &str) -> String;
}

/// What a template's methods share.
pub struct Source {
    pub config: Rc<Config>,
    pub id: String,
    /// The newest build that is known here; empty for none.
    pub latest_build: Slot<String>,
}

/// A template: what a sandbox starts from, built in steps on a container image.
///
/// @example
/// ```typescript
/// import { Sandbox, Template } from "@superserve/sdk"
///
/// const template = await Template.create({
///   name: "my-python-env",
///   from: "python:3.11",
///   steps: [{ run: "pip install numpy" }],
/// })
/// await template.waitUntilReady({ onLog: (ev) => console.log(ev.text) })
/// const sandbox = await Sandbox.create({ name: "run-1", fromTemplate: template })
/// ```
#[wasm_bindgen]
pub struct Template {
    source: Rc<Source>,
}

#[wasm_bindgen]
impl Template {
    /// Creates a template and begins its first build. {@link Template.waitUntilReady} tells when it can be used.
    ///
    /// @throws {@link ValidationError} for options that are not as documented, before any request.
    /// @throws {@link RateLimitError} with code `too_many_builds` or `too_many_templates`;
    /// {@link ConflictError} when the name is taken.
    #[wasm_bindgen(unchecked_return_type = "Promise<Template>")]
    pub fn create(
        #[wasm_bindgen(unchecked_param_type = "TemplateCreateOptions")] options: JsValue,
    ) -> Promise {
        plan::run(Place::new("Template.create"), create(&options))
    }

    /// Finds a template by its name or id.
    ///
    /// @throws {@link NotFoundError} when there is no such template.
    #[wasm_bindgen(unchecked_return_type = "Promise<Template>")]
    pub fn connect(
        #[wasm_bindgen(js_name = nameOrId, unchecked_param_type = "string")] name_or_id: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "ConnectionOptions")] options: JsValue,
    ) -> Promise {
        let plan = named(&name_or_id, &options, requests::get);
        plan::run(
            Place::new("Template.connect"),
            plan.map(|plan| plan.answer(Read::Json, |to, raw| object(to, &raw, ""))),
        )
    }

    /// Lists the team's templates and those of the service.
    #[wasm_bindgen(unchecked_return_type = "Promise<TemplateInfo[]>")]
    pub fn list(
        #[wasm_bindgen(unchecked_optional_param_type = "TemplateListOptions")] options: JsValue,
    ) -> Promise {
        plan::run(Place::new("Template.list"), list(&options))
    }

    /// Deletes a template by its name or id. One that is gone already is no error.
    ///
    /// @throws {@link ConflictError} while a sandbox uses it or a build is under way.
    #[wasm_bindgen(js_name = deleteById, unchecked_return_type = "Promise<void>")]
    pub fn delete_by_id(
        #[wasm_bindgen(js_name = nameOrId, unchecked_param_type = "string")] name_or_id: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "ConnectionOptions")] options: JsValue,
    ) -> Promise {
        let plan = named(&name_or_id, &options, requests::delete);
        plan::run(Place::new("Template.deleteById"), plan.map(Plan::or_gone))
    }

    /// Reads what the service knows of this template now. The properties of this object stay as they are.
    #[wasm_bindgen(js_name = getInfo, unchecked_return_type = "Promise<TemplateInfo>")]
    pub fn get_info(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "RequestOptions")] options: JsValue,
    ) -> Promise {
        let plan = self.own(requests::get(&self.source.id), &options);
        plan::run(
            Place::new("Template.getInfo"),
            plan.map(|plan| plan.answer(Read::Json, |_, raw| surface::one(&TEMPLATE_INFO, &raw))),
        )
    }

    /// Deletes this template. One that is gone already is no error.
    ///
    /// @throws {@link ConflictError} while a sandbox uses it or a build is under way.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn delete(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "RequestOptions")] options: JsValue,
    ) -> Promise {
        let plan = self.own(requests::delete(&self.source.id), &options);
        plan::run(Place::new("Template.delete"), plan.map(Plan::or_gone))
    }

    /// Builds this template anew. While a build of the same definition is under way, that one is returned.
    ///
    /// @throws {@link RateLimitError} with code `too_many_builds`.
    #[wasm_bindgen(unchecked_return_type = "Promise<TemplateBuildInfo>")]
    pub fn rebuild(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "RequestOptions")] options: JsValue,
    ) -> Promise {
        let plan = self.own(requests::rebuild(&self.source.id), &options);
        plan::run(
            Place::new("Template.rebuild"),
            plan.map(|plan| {
                plan.answer(Read::Json, |to, raw| {
                    let info = surface::one(&BUILD_INFO, &raw)?;
                    if let To::Template(source) = to {
                        source.latest_build.set(member(&raw, "id")?);
                    }
                    Ok(info)
                })
            }),
        )
    }

    /// Lists the builds of this template, newest first.
    #[wasm_bindgen(js_name = listBuilds, unchecked_return_type = "Promise<TemplateBuildInfo[]>")]
    pub fn list_builds(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "TemplateBuildsListOptions")]
        options: JsValue,
    ) -> Promise {
        let plan = surface::read(&BUILDS_LIST_OPTIONS, &options).and_then(|given| {
            let request = requests::list_builds(&self.source.id, &given.query()?)?;
            Ok(self.plan(request, RequestOptions::of(&given)))
        });
        plan::run(
            Place::new("Template.listBuilds"),
            plan.map(|plan| plan.answer(Read::Json, |_, raw| surface::all(&BUILD_INFO, &raw))),
        )
    }

    /// Reads a build.
    ///
    /// @throws {@link NotFoundError} when there is no such build.
    #[wasm_bindgen(js_name = getBuild, unchecked_return_type = "Promise<TemplateBuildInfo>")]
    pub fn get_build(
        &self,
        #[wasm_bindgen(js_name = buildId, unchecked_param_type = "string")] build_id: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "RequestOptions")] options: JsValue,
    ) -> Promise {
        let plan = self.of_build(&build_id, &options, requests::get_build);
        plan::run(
            Place::new("Template.getBuild"),
            plan.map(|plan| plan.answer(Read::Json, |_, raw| surface::one(&BUILD_INFO, &raw))),
        )
    }

    /// Cancels a build. One that has ended already is no error.
    #[wasm_bindgen(js_name = cancelBuild, unchecked_return_type = "Promise<void>")]
    pub fn cancel_build(
        &self,
        #[wasm_bindgen(js_name = buildId, unchecked_param_type = "string")] build_id: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "RequestOptions")] options: JsValue,
    ) -> Promise {
        let plan = self.of_build(&build_id, &options, requests::cancel_build);
        plan::run(Place::new("Template.cancelBuild"), plan.map(Plan::or_gone))
    }

    /// Follows the log of a build from its start to its last event.
    ///
    /// A connection that breaks is made again; each event is still delivered once and in order.
    ///
    /// @throws {@link SandboxError} when the log cannot be read, or the template has no build.
    #[wasm_bindgen(js_name = streamBuildLogs, unchecked_return_type = "Promise<void>")]
    pub fn stream_build_logs(
        &self,
        #[wasm_bindgen(unchecked_param_type = "BuildLogsOptions")] options: JsValue,
    ) -> Promise {
        build::stream_logs(&self.source, &options)
    }

    /// Waits until the newest build has ended, and resolves with the template as it is then.
    ///
    /// @throws {@link BuildError} when the build failed: its `code` says in which stage.
    /// @throws {@link ConflictError} with code `cancelled` when somebody cancelled it.
    /// @throws {@link TimeoutError} after `timeoutMs`.
    #[wasm_bindgen(js_name = waitUntilReady, unchecked_return_type = "Promise<TemplateInfo>")]
    pub fn wait_until_ready(
        &self,
        #[wasm_bindgen(unchecked_optional_param_type = "WaitUntilReadyOptions")] options: JsValue,
    ) -> Promise {
        build::wait(&self.source, &options)
    }
}

impl Template {
    fn plan(&self, request: Request, options: RequestOptions) -> Box<Plan> {
        Plan::new(To::Template(self.source.clone()), request, options)
    }

    fn own(
        &self,
        request: Result<Request, Error>,
        options: &JsValue,
    ) -> Result<Box<Plan>, Failure> {
        Ok(self.plan(request?, RequestOptions::read(options)?))
    }

    fn of_build(
        &self,
        build_id: &JsValue,
        options: &JsValue,
        request: fn(&str, &str) -> Result<Request, Error>,
    ) -> Result<Box<Plan>, Failure> {
        self.own(
            request(&self.source.id, &argument("buildId", build_id)?),
            options,
        )
    }
}

fn create(options: &JsValue) -> Result<Box<Plan>, Failure> {
    let given = surface::read(&TEMPLATE_CREATE_OPTIONS, options)?;
    let to = To::Service(options::connection(&given)?);
    let plan = Plan::new(to, requests::create(), RequestOptions::of(&given));
    Ok(plan.content(given.body()?).answer(Read::Json, |to, raw| {
        let build = member(&raw, "build_id")?;
        object(to, &raw, &build)
    }))
}

fn list(options: &JsValue) -> Result<Box<Plan>, Failure> {
    let given = surface::read(&TEMPLATE_LIST_OPTIONS, options)?;
    let to = To::Service(options::connection(&given)?);
    let plan = Plan::new(
        to,
        requests::list(&given.query()?),
        RequestOptions::of(&given),
    );
    Ok(plan.answer(Read::Json, |_, raw| surface::all(&TEMPLATE_INFO, &raw)))
}

/// A call about the template of that name or id.
fn named(
    name_or_id: &JsValue,
    options: &JsValue,
    request: fn(&str) -> Result<Request, Error>,
) -> Result<Box<Plan>, Failure> {
    let request = request(&argument("nameOrId", name_or_id)?)?;
    let given = surface::read(&CONNECTION_OPTIONS, options)?;
    let to = To::Service(options::connection(&given)?);
    Ok(Plan::new(to, request, RequestOptions::of(&given)))
}

/// The JavaScript object of a template that an answer describes, with the build that the answer began.
fn object(to: &To, raw: &JsValue, build: &str) -> Result<JsValue, Failure> {
    let shown = surface::one(&TEMPLATE_INFO, raw)?;
    let source = Source {
        config: to.config().clone(),
        id: member(raw, "id")?,
        latest_build: Slot::new(adopt(&shown, build)),
    };
    let template = Template {
        source: Rc::new(source),
    }
    .into();
    show(&template, &shown);
    Ok(template)
}

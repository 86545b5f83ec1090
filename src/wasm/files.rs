//! `sandbox.files`.

use alloc::boxed::Box;
use alloc::rc::Rc;

use wasm_bindgen::prelude::*;

use super::failure::{Failure, Place};
use super::http::Read;
use super::instance::Instance;
use super::options::RequestOptions;
use super::plan::{self, Plan, To};
use super::surface::{self, argument};
use super::task::Promise;
use crate::call::Request;
use crate::error::Error;
use crate::files::{self, DEFAULT_MAX_BYTES};
use crate::wire::file::FILE_READ_OPTIONS;

/// Moves files to and from a sandbox: `sandbox.files`.
#[wasm_bindgen]
pub struct Files {
    instance: Rc<Instance>,
}

#[wasm_bindgen]
impl Files {
    /// Writes a file. Directories on the way are made; a file that exists is replaced.
    ///
    /// `path` is absolute and has no `..` segment. `content` is at most 4 GiB.
    ///
    /// @throws {@link ValidationError} for a path or content that is neither, before any request.
    ///
    /// @example
    /// ```typescript
    /// await sandbox.files.write("/app/config.json", JSON.stringify({ debug: true }))
    /// await sandbox.files.write("/app/data.bin", new Uint8Array([1, 2, 3]))
    /// ```
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn write(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] path: JsValue,
        #[wasm_bindgen(unchecked_param_type = "FileInput")] content: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "RequestOptions")] options: JsValue,
    ) -> Promise {
        let plan = write(&self.instance, &path, content, &options);
        plan::run(Place::of("Files.write", &self.instance.id), plan)
    }

    /// Reads a file as bytes.
    ///
    /// @throws {@link NotFoundError} when there is no such file.
    /// @throws {@link ValidationError} when it has more than `maxBytes` (2 GiB by default).
    #[wasm_bindgen(unchecked_return_type = "Promise<Uint8Array>")]
    pub fn read(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] path: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "FileReadOptions")] options: JsValue,
    ) -> Promise {
        self.fetch("Files.read", &path, &options, files::read, Read::Bytes)
    }

    /// Reads a file as UTF-8 text; what is not valid becomes U+FFFD.
    ///
    /// @throws As {@link Files.read}.
    #[wasm_bindgen(js_name = readText, unchecked_return_type = "Promise<string>")]
    pub fn read_text(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] path: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "FileReadOptions")] options: JsValue,
    ) -> Promise {
        self.fetch("Files.readText", &path, &options, files::read, Read::Text)
    }

    /// Reads a directory as a zip archive whose entries start with the directory's name. Symbolic links
    /// are left out. A path that is a file comes back as it is.
    ///
    /// A large directory may take longer than the default 30 seconds: pass `timeoutMs`.
    ///
    /// @throws As {@link Files.read}.
    #[wasm_bindgen(js_name = downloadDir, unchecked_return_type = "Promise<Uint8Array>")]
    pub fn download_dir(
        &self,
        #[wasm_bindgen(unchecked_param_type = "string")] path: JsValue,
        #[wasm_bindgen(unchecked_optional_param_type = "FileReadOptions")] options: JsValue,
    ) -> Promise {
        self.fetch(
            "Files.downloadDir",
            &path,
            &options,
            files::download_dir,
            Read::Bytes,
        )
    }
}

impl Files {
    pub fn new(instance: Rc<Instance>) -> Self {
        Self { instance }
    }

    fn fetch(
        &self,
        operation: &'static str,
        path: &JsValue,
        options: &JsValue,
        request: fn(&str) -> Result<Request, Error>,
        read: fn(f64) -> Read,
    ) -> Promise {
        let plan = fetch(&self.instance, path, options, request, read);
        plan::run(Place::of(operation, &self.instance.id), plan)
    }
}

fn fetch(
    instance: &Rc<Instance>,
    path: &JsValue,
    options: &JsValue,
    request: fn(&str) -> Result<Request, Error>,
    read: fn(f64) -> Read,
) -> Result<Box<Plan>, Failure> {
    let request = request(&argument("path", path)?)?;
    let given = surface::read(&FILE_READ_OPTIONS, options)?;
    let limit = given.max_bytes().unwrap_or(DEFAULT_MAX_BYTES);
    let plan = Plan::new(
        To::Sandbox(instance.clone()),
        request,
        RequestOptions::of(&given),
    );
    Ok(plan.answer(read(limit), |_, content| Ok(content)))
}

fn write(
    instance: &Rc<Instance>,
    path: &JsValue,
    content: JsValue,
    options: &JsValue,
) -> Result<Box<Plan>, Failure> {
    let request = files::write(&argument("path", path)?)?;
    surface::content(&content)?;
    let mut plan = Plan::new(
        To::Sandbox(instance.clone()),
        request,
        RequestOptions::read(options)?,
    );
    plan.content = content;
    Ok(plan)
}

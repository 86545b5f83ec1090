//! What JavaScript sees of a resource: an object with a handle.

use alloc::rc::Rc;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::resource::Resource;
use super::slab::Slab;

#[wasm_bindgen(module = "/src/wasm/js/object.js")]
extern "C" {
    #[wasm_bindgen(js_name = create)]
    fn create_js(operation: usize, handle: usize, fields: &JsValue) -> JsValue;
    /// Keeps the way to an object's next ticket with it, not here: what a callback refers to, the object itself most
    /// often, could never be collected.
    pub fn hold(object: &JsValue, refresh: &JsValue);
    /// Notes in a template's fields the build that an answer began. Answers with the newest that is known.
    #[wasm_bindgen(js_name = noteBuild)]
    pub fn note_build(fields: &JsValue, build: &str) -> String;
    /// A preview URL with a token in it.
    pub fn signed(url: &str, token: &JsValue) -> JsValue;
    /// The plain object of `resolveConfig`.
    pub fn config(
        api_key: &str,
        base_url: &str,
        sandbox_host: &str,
        sandbox_url: Option<String>,
    ) -> JsValue;
    /// The error for an object that has no handle.
    #[wasm_bindgen(js_name = notOurs)]
    pub fn not_ours() -> JsValue;
}

/// The resources of objects, by handle.
static RESOURCES: Slab<Rc<Resource>> = Slab::new();

/// An object of the class that the operation of that number belongs to, with the fields that people see.
pub fn create(operation: usize, resource: Resource, fields: &JsValue) -> JsValue {
    let handle = RESOURCES.insert(Rc::new(resource));
    create_js(operation, handle, fields)
}

/// What an object stands for.
pub fn find(handle: usize) -> Option<Rc<Resource>> {
    RESOURCES.with(handle, |resource| resource.clone())
}

/// Nobody has the object any more. Calls that still run keep what they need.
#[wasm_bindgen]
pub fn release(handle: usize) {
    RESOURCES.remove(handle);
}

//! What JavaScript sees of a resource: an object with a handle.

use alloc::rc::Rc;

use wasm_bindgen::prelude::*;

use super::imports::arguments::Arguments;
use super::imports::object::create_js;
use super::resource::Resource;
use super::slab::Slab;

/// The resources of objects, by handle.
static RESOURCES: Slab<Rc<Resource>> = Slab::new();

/// An object of the class that the operation of that number belongs to, with the fields that people see. It keeps the
/// connection of the call that it comes of.
pub fn create(
    operation: usize,
    resource: Resource,
    fields: &JsValue,
    given: &Arguments,
) -> JsValue {
    let handle = RESOURCES.insert(Rc::new(resource));
    create_js(operation, handle, fields, given)
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

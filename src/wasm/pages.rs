//! What `js/pages.js` asks of a list's pages.

use wasm_bindgen::prelude::*;

use crate::resources::pages::Page;

/// As [`Page::next`]; not a number at the list's end.
#[wasm_bindgen(skip_typescript)]
pub fn next_page(
    offset: f64,
    limit: f64,
    count: f64,
    fresh: f64,
    is_joined: bool,
    total: f64,
) -> f64 {
    let page = Page {
        offset,
        limit,
        count,
        fresh,
        is_joined,
        total,
    };
    page.next().unwrap_or(f64::NAN)
}

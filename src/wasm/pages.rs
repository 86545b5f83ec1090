//! What lists come to: which page comes next (`js/pages.js`), and which sandbox is taken (`js/matching.js`).

use wasm_bindgen::prelude::*;

use crate::resources::matching;
use crate::resources::pages::Page;

/// As [`Page::next`]; not a number at the list's end.
#[wasm_bindgen(skip_typescript)]
pub fn next_page(
    offset: f64,
    limit: f64,
    count: f64,
    barren: f64,
    is_joined: bool,
    total: f64,
) -> f64 {
    let page = Page {
        offset,
        limit,
        count,
        barren,
        is_joined,
        total,
    };
    page.next().unwrap_or(f64::NAN)
}

/// As [`matching::choose`]; -1 for none.
#[wasm_bindgen(skip_typescript)]
pub fn choose(matches: &str) -> i32 {
    matching::choose(matches).map_or(-1, |at| at as i32)
}

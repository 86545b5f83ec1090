//! What the runtime is and has.

use super::imports::runtime::begin;
use super::slot::Slot;

static IN_BROWSER: Slot<bool> = Slot::new(false);

/// Looks around, once.
pub fn start() {
    IN_BROWSER.set(begin(env!("CARGO_PKG_VERSION")));
}

/// Whether CORS decides which headers may be sent.
pub fn in_browser() -> bool {
    IN_BROWSER.get()
}

//! Statics of the one thread that a WebAssembly module has.

use core::cell::{RefCell, RefMut};

/// A value that lives as long as the module.
pub struct Local<T>(RefCell<T>);

// SAFETY: the module is built without atomics, so no second thread can run in its memory.
unsafe impl<T> Sync for Local<T> {}

impl<T> Local<T> {
    pub const fn new(value: T) -> Self {
        Self(RefCell::new(value))
    }

    /// The value, for as long as the guard lives. Never hold it over a call into JavaScript.
    pub fn borrow_mut(&self) -> RefMut<'_, T> {
        self.0.borrow_mut()
    }
}

//! A value that is shared within the one thread that a WebAssembly module has.

use core::cell::Cell;

/// A shared value. Unlike a `RefCell` it never panics, whose message would add 3 KB to the module.
#[derive(Default)]
pub struct Slot<T>(Cell<T>);

// SAFETY: the module is built without atomics, so no second thread can run in its memory.
unsafe impl<T> Sync for Slot<T> {}

impl<T: Default> Slot<T> {
    pub const fn new(value: T) -> Self {
        Self(Cell::new(value))
    }

    /// Lets `f` at the value. Within `f` the slot is empty: never call JavaScript from there.
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        let mut value = self.0.take();
        let result = f(&mut value);
        // What was left there is empty: there is nothing to drop, and no code for it.
        core::mem::forget(self.0.replace(value));
        result
    }

    /// The value, and leaves the slot empty.
    pub fn take(&self) -> T {
        self.0.take()
    }

    pub fn set(&self, value: T) {
        self.0.set(value);
    }
}

impl<T: Default + Clone> Slot<T> {
    pub fn get(&self) -> T {
        self.with(|value| value.clone())
    }
}

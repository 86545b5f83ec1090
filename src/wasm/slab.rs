//! Values by number, for JavaScript to say which it means.

use alloc::vec::Vec;

use super::slot::Slot;

/// Numbers count from 1: 0 stands for none.
pub struct Slab<T> {
    values: Slot<Vec<Option<T>>>,
    free: Slot<Vec<usize>>,
}

impl<T> Slab<T> {
    pub const fn new() -> Self {
        Self {
            values: Slot::new(Vec::new()),
            free: Slot::new(Vec::new()),
        }
    }

    /// Keeps a value, and answers with its number.
    pub fn insert(&self, value: T) -> usize {
        let free = self.free.with(Vec::pop);
        self.values.with(|values| {
            let number = free.unwrap_or(values.len() + 1);
            match values.get_mut(number - 1) {
                Some(place) => *place = Some(value),
                None => values.push(Some(value)),
            }
            number
        })
    }

    /// Lets `f` at a value. It must not call JavaScript.
    pub fn with<R>(&self, number: usize, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.values
            .with(|values| values.get_mut(number.wrapping_sub(1))?.as_mut().map(f))
    }

    /// Gives a value back. Its number becomes another's.
    pub fn remove(&self, number: usize) -> Option<T> {
        let value = self
            .values
            .with(|values| values.get_mut(number.wrapping_sub(1))?.take());
        if value.is_some() {
            self.free.with(|free| free.push(number));
        }
        value
    }
}

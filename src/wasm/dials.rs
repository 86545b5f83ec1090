//! Sessions that are being dialled.

use alloc::vec::Vec;

use super::imports::session::Line;
use super::slot::Slot;

/// Dials under way. One that fails tells what the token is worth: Firefox (seen in 140) lets each of many others wait
/// longer than the one before.
#[derive(Default)]
pub struct Dials(Slot<Vec<(usize, Line)>>);

impl Dials {
    pub fn add(&self, number: usize, line: &Line) {
        self.0.with(|dials| dials.push((number, line.clone())));
    }

    pub fn remove(&self, number: usize) {
        self.0
            .with(|dials| dials.retain(|(other, _)| *other != number));
    }

    pub fn give_up(&self) {
        for (_, line) in self.0.take() {
            line.give_up();
        }
    }
}

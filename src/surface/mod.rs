//! The surface, and what goes over the wire for it: a file a resource.
// The module has no shapes, and so no use for those of another file.
#![cfg_attr(target_arch = "wasm32", allow(unused_imports))]

pub mod code;
pub mod command;
pub mod connection;
pub mod desktop;
pub mod error;
pub mod file;
pub mod folder;
#[cfg(not(target_arch = "wasm32"))]
pub mod javascript;
pub mod network;
pub mod operation;
pub mod preview;
pub mod process;
pub mod relay;
pub mod sandbox;
#[cfg(not(target_arch = "wasm32"))]
pub mod schema;
pub mod secret;
pub mod shape;
pub mod snapshot;
pub mod template;
pub mod terminal;
#[cfg(not(target_arch = "wasm32"))]
pub mod tool;
#[cfg(not(target_arch = "wasm32"))]
pub mod typescript;

use crate::surface::operation::{Class, Operation, is_same};
#[cfg(not(target_arch = "wasm32"))]
use crate::surface::shape::Shape;

/// All classes, and the functions.
pub static CLASSES: [&Class; 12] = [
    &sandbox::SANDBOX,
    &command::COMMANDS,
    &file::FILES,
    &process::PROCESSES,
    &code::CODE,
    &terminal::TERMINALS,
    &snapshot::SNAPSHOT,
    &desktop::DESKTOP,
    &template::TEMPLATE,
    &secret::SECRET,
    &secret::PROVIDERS,
    &connection::FUNCTIONS,
];

/// The shapes, file by file.
#[cfg(not(target_arch = "wasm32"))]
pub static SHAPES: [&[&Shape]; 14] = [
    connection::SHAPES,
    sandbox::SHAPES,
    command::SHAPES,
    file::SHAPES,
    folder::SHAPES,
    process::SHAPES,
    code::SHAPES,
    desktop::SHAPES,
    relay::SHAPES,
    preview::SHAPES,
    network::SHAPES,
    snapshot::SHAPES,
    template::SHAPES,
    secret::SHAPES,
];

/// TypeScript of what no table says, file by file.
#[cfg(not(target_arch = "wasm32"))]
pub static TYPES: [&str; 15] = [
    connection::TYPES,
    sandbox::TYPES,
    file::TYPES,
    folder::TYPES,
    command::TYPES,
    process::TYPES,
    code::TYPES,
    terminal::TYPES,
    snapshot::TYPES,
    desktop::TYPES,
    template::TYPES,
    secret::TYPES,
    network::TYPES,
    preview::TYPES,
    error::TYPES,
];

/// All entries. Their places here are the numbers by which JavaScript calls them.
pub static OPERATIONS: [&Operation; COUNT] = all();

#[allow(clippy::indexing_slicing)]
const COUNT: usize = {
    let (mut count, mut class) = (0, 0);
    while class < CLASSES.len() {
        count += CLASSES[class].operations.len();
        class += 1;
    }
    count
};

#[allow(clippy::indexing_slicing)]
const fn all() -> [&'static Operation; COUNT] {
    let mut all = [&CLASSES[0].operations[0]; COUNT];
    let (mut count, mut class) = (0, 0);
    while class < CLASSES.len() {
        let mut at = 0;
        while at < CLASSES[class].operations.len() {
            all[count] = &CLASSES[class].operations[at];
            count += 1;
            at += 1;
        }
        class += 1;
    }
    all
}

/// The number of the entry of that whole name. Of a constant the compiler finds it, or says that there is none; so no name
/// is in the module.
#[allow(clippy::indexing_slicing, clippy::panic)]
pub const fn number(name: &str) -> usize {
    let (mut count, mut class) = (0, 0);
    while class < CLASSES.len() {
        let names = CLASSES[class].names;
        let mut at = 0;
        while at < names.len() {
            if is_same(names[at], name) {
                return count + at;
            }
            at += 1;
        }
        count += at;
        class += 1;
    }
    panic!("no entry has that name");
}

/// The entry of that whole name, likewise.
#[allow(clippy::indexing_slicing)]
pub const fn entry(name: &str) -> &'static Operation {
    OPERATIONS[number(name)]
}

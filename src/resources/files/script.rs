//! Scripts: what is done in a sandbox by its own shell and tools, as the body of a request that runs a program.
//!
//! A script is `scripts/<name>.sh` behind `scripts/prelude.sh`, and the name is the last segment of an entry's path. What it
//! is given are arguments, which no shell reads as anything else: first the folder that it may not leave, or nothing, then
//! the values of the entry's fields in turn.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::{ESCAPE, entry, failure, grep, normal, search};
use crate::protocol::error::Error;
use crate::protocol::text::{concat, split_once};

/// A script of the surface.
pub struct Script {
    /// Last segment of the path of its entries.
    pub name: &'static str,
    text: &'static str,
    /// Which of its values are paths, the first by the lowest bit.
    paths: u8,
    /// What it writes.
    pub output: Output,
}

/// What a script writes to its standard output.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Nothing.
    Nothing,
    /// One entry, as `tell` of the prelude has it.
    Entry,
    /// Any number of them.
    Entries,
    /// What its caller reads as it comes.
    Stream,
    /// A text.
    Text,
    /// At most so many of them as it was asked for, and whether there are more.
    Found,
    /// Lines, as [`grep`] has them.
    Lines,
}

macro_rules! scripts {
    ($($name:literal $paths:literal $output:ident;)*) => {
        &[$(Script {
            name: $name,
            text: include_str!(concat!("scripts/", $name, ".sh")),
            paths: $paths,
            output: Output::$output,
        }),*]
    };
}

const PRELUDE: &str = include_str!("scripts/prelude.sh");

/// All of them: name, which values are paths, output.
static SCRIPTS: &[Script] = scripts! {
    "chmod" 0b1 Nothing;
    "copy" 0b11 Nothing;
    "discard" 0b1 Nothing;
    "extract" 0b11 Nothing;
    "identity" 0b1 Text;
    "find" 0b1 Found;
    "grep" 0b1 Lines;
    "list" 0b1 Entries;
    "mkdir" 0b1 Nothing;
    "pack" 0b11 Nothing;
    "put" 0b1 Nothing;
    "remove" 0b1 Nothing;
    "rename" 0b11 Nothing;
    "stat" 0b1 Entry;
    "symlink" 0b10 Nothing;
};

/// Those that not every program needs: whoever asks for them brings the text along.
static APART: &[Script] = &[
    // What a relay does for the page of a ticket that is bound to a folder: [`STAGE_TEXT`].
    Script {
        name: "stage",
        text: "",
        paths: 0b10,
        output: Output::Nothing,
    },
    // What tells of changes: [`WATCH_TEXT`].
    Script {
        name: "watch",
        text: "",
        paths: 0b1,
        output: Output::Stream,
    },
];

/// What keeps a script within a folder, symbolic links or not. Scripts of pages wait for each other, as `$lock` says, so that
/// none moves what is under another's feet.
#[cfg(not(target_arch = "wasm32"))]
pub const FOLDER_TEXT: &str = include_str!("scripts/folder.sh");

/// The text of what a relay does.
#[cfg(not(target_arch = "wasm32"))]
pub const STAGE_TEXT: &str = include_str!("scripts/stage.sh");

/// The text of what tells of changes.
#[cfg(not(target_arch = "wasm32"))]
pub const WATCH_TEXT: &str = include_str!("scripts/watch.sh");

/// Between two values where they cross together: no escape begins so.
pub const SEPARATOR: &str = "\0/";

/// Most bytes of what a script tells: more than of a million entries.
pub const MAX_OUTPUT_BYTES: f64 = 268_435_456.0;

/// Milliseconds that a stream lasts at most; then the next is opened.
pub const STREAM_MS: f64 = 600_000.0;
/// Milliseconds of silence after which a stream is taken to be lost: the service says every 15 seconds that it is there.
pub const SILENCE_MS: f64 = 45_000.0;

/// Ends what a call has started, and what that has started; `$1` is what the variable says.
const STOP: &str = include_str!("scripts/stop.sh");

/// The script of an entry with that path.
pub fn of(path: &str) -> Option<&'static Script> {
    let name = path.strip_prefix("/files/")?;
    let mut all = SCRIPTS.iter().chain(APART);
    all.find(|script| script.name == name)
}

impl Script {
    /// The values of an entry, as they cross, each in its one form.
    ///
    /// # Errors
    /// `InvalidArgument` for what is no path.
    pub fn values(&self, crossed: &str) -> Result<Vec<String>, Error> {
        let mut values: Vec<String> = Vec::new();
        let mut rest = crossed;
        while let Some((value, after)) = split_at_separator(rest) {
            values.push(value.to_owned());
            rest = after;
        }
        values.push(rest.to_owned());
        for (place, value) in values.iter_mut().enumerate() {
            if self.is_path(place) {
                *value = normal(value)?;
            }
        }
        search::prepare(self.name, &mut values)?;
        Ok(values)
    }

    fn is_path(&self, place: usize) -> bool {
        place < 8 && self.paths >> place & 1 == 1
    }

    /// The places of the values that are paths.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn paths(&self) -> impl Iterator<Item = usize> {
        (0..8).filter(|place| self.is_path(*place))
    }

    /// The path that what went wrong with `code` is about: the last, where something is in the way.
    pub fn subject<'a>(&self, values: &'a [String], code: &str) -> &'a str {
        let mut paths = values.iter().enumerate();
        let is_path = |(place, _): &(usize, &String)| self.is_path(*place);
        let found = match failure::is_in_the_way(code) {
            true => paths.rfind(is_path),
            false => paths.find(is_path),
        };
        found.map_or("", |(_, path)| path)
    }

    /// The JSON of what it told, if it tells anything.
    ///
    /// # Errors
    /// What is wrong with that where it is nothing that a script writes.
    pub fn json(&self, stdout: &str, values: &[String]) -> Result<Option<Vec<u8>>, String> {
        let path = self.subject(values, "");
        let json = match self.output {
            Output::Nothing | Output::Stream => return Ok(None),
            Output::Text => {
                let mut json = Vec::new();
                entry::text(&mut json, stdout.trim_ascii_end().as_bytes());
                Some(json)
            }
            Output::Entry | Output::Entries => entry::json(stdout, path, self.output, u32::MAX),
            Output::Found => entry::json(stdout, path, self.output, search::number(values, 3)),
            Output::Lines => grep::json(
                stdout,
                path,
                search::number(values, 5),
                search::number(values, 6),
            ),
        };
        json.map(Some)
            .ok_or_else(|| concat(&["the service's answer has no list of files"]))
    }

    /// What the shell gets, as it crosses: the script, the folder that it may not leave, or nothing, and the values. `before`
    /// is what keeps it in there, or nothing.
    pub fn words(&self, before: &str, root: &str, values: &[String]) -> String {
        let mut words = concat(&[PRELUDE, before, self.text, SEPARATOR, root]);
        for value in values {
            words.push_str(SEPARATOR);
            words.push_str(value);
        }
        words
    }
}

/// The same of what ends all that a call has started.
pub fn stop(call: &str) -> String {
    concat(&[STOP, SEPARATOR, call])
}

fn split_at_separator(text: &str) -> Option<(&str, &str)> {
    let mut at = 0;
    loop {
        let rest = text.get(at..)?;
        let (_, after) = split_once(rest, ESCAPE)?;
        at = text.len() - after.len();
        if let Some(after) = after.strip_prefix('/') {
            return Some((text.get(..at - 1)?, after));
        }
    }
}

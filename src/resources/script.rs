//! Scripts: what is done in a sandbox by its own shell and tools, as the body of a request that runs a program.
//!
//! A script is `<resource>/scripts/<name>.sh`, behind `scripts/prelude.sh` and what its resource's have in common, and its entry's path is
//! `/<resource>/<name>`. What it is given are arguments, which no shell reads as anything else: first the folder that it may
//! not leave, or nothing, then the values of the entry's fields in turn.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::protocol::error::Error;
use crate::protocol::text::{concat, split_once};
use crate::resources::files::{ESCAPE, entry, failure, grep, normal, search};
#[cfg(not(target_arch = "wasm32"))]
use crate::resources::terminals;

/// A script of the surface.
pub struct Script {
    /// The path of its entries.
    pub path: &'static str,
    /// What the shell reads, behind the prelude. JavaScript has it: it writes the request.
    #[cfg(not(target_arch = "wasm32"))]
    pub text: &'static str,
    /// What stands before that, of what is not a file's: some of these have it in common.
    #[cfg(not(target_arch = "wasm32"))]
    pub common: &'static [&'static str],
    /// Whether it loads apart, with what alone uses it.
    #[cfg(not(target_arch = "wasm32"))]
    pub is_apart: bool,
    /// Which of its values are paths, the first by the lowest bit.
    paths: u8,
    /// Which of them says whether a sandbox that sleeps is woken for it, counted from one; zero where none does.
    waking: u8,
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
    ($($resource:ident $common:tt { $($name:literal $paths:literal $output:ident $($apart:ident)? $(wakes $waking:literal)?;)* })*) => {
        &[$($(Script {
            path: concat!("/", stringify!($resource), "/", $name),
            #[cfg(not(target_arch = "wasm32"))]
            text: include_str!(concat!(stringify!($resource), "/scripts/", $name, ".sh")),
            #[cfg(not(target_arch = "wasm32"))]
            common: &$common,
            #[cfg(not(target_arch = "wasm32"))]
            is_apart: scripts!(@is $($apart)?),
            paths: $paths,
            waking: scripts!(@waking $($waking)?),
            output: Output::$output,
        }),*),*]
    };
    (@is) => { false };
    (@is apart) => { true };
    (@waking) => { 0 };
    (@waking $place:literal) => { $place };
}

/// All of them, by their resource, and what stands before those: name, which values are paths, output, whether it loads apart,
/// and which value says whether it wakes.
pub static SCRIPTS: &[Script] = scripts! {
    files [] {
        "chmod" 0b1 Nothing;
        "copy" 0b11 Nothing;
        "discard" 0b1 Nothing apart;
        "extract" 0b11 Nothing apart;
        "find" 0b1 Found;
        "grep" 0b1 Lines;
        "identity" 0b1 Text apart;
        "list" 0b1 Entries;
        "mkdir" 0b1 Nothing;
        "pack" 0b11 Nothing apart;
        "put" 0b1 Nothing apart;
        "remove" 0b1 Nothing;
        "rename" 0b11 Nothing;
        "stage" 0b10 Nothing apart;
        "stat" 0b1 Entry;
        "symlink" 0b10 Nothing;
        "watch" 0b1 Stream apart wakes 4;
    }
    processes [STATE_TEXT, PROCESS_TEXT] {
        "describe" 0 Text apart;
        "follow" 0 Stream apart wakes 2;
        "kill" 0 Text apart;
        "list" 0 Text apart;
        "port" 0 Stream apart wakes 2;
        "ports" 0 Text apart;
        "remove" 0 Text apart;
        "start" 0 Text apart;
        "wait" 0 Stream apart wakes 2;
        "write" 0 Text apart;
    }
    code [STATE_TEXT, CODE_TEXT] {
        "end" 0 Text apart wakes 4;
        "list" 0 Text apart;
        "run" 0 Stream apart;
    }
    code [STATE_TEXT, CODE_TEXT, DRIVERS_TEXT] {
        "start" 0 Text apart;
    }
    terminals [STATE_TEXT, terminals::RUNNING_TEXT, terminals::VIEW_TEXT] {
        "open" 0 Text apart;
    }
    terminals [STATE_TEXT, terminals::RUNNING_TEXT] {
        "kill" 0 Nothing apart;
        "list" 0 Text apart;
    }
};

/// What stands before each of them.
#[cfg(not(target_arch = "wasm32"))]
pub const PRELUDE_TEXT: &str = include_str!("scripts/prelude.sh");

/// Where what outlives a call is kept. It loads apart, with the scripts that begin so.
#[cfg(not(target_arch = "wasm32"))]
pub const STATE_TEXT: &str = include_str!("scripts/state.sh");

/// How processes are found and told of. It loads apart too.
#[cfg(not(target_arch = "wasm32"))]
pub const PROCESS_TEXT: &str = include_str!("processes/common.sh");

/// How contexts of code are found. It loads apart too.
#[cfg(not(target_arch = "wasm32"))]
pub const CODE_TEXT: &str = include_str!("code/context.sh");

/// `driver <language>` writes the program that runs code of that language.
#[cfg(not(target_arch = "wasm32"))]
pub const DRIVERS_TEXT: &str = concat!(
    "driver() {\ncase $1 in\npython) cat <<'superserve-end' ;;\n",
    include_str!("code/drivers/driver.py"),
    "superserve-end\njavascript) cat <<'superserve-end' ;;\n",
    include_str!("code/drivers/driver.js"),
    "superserve-end\n*) cat <<'superserve-end' ;;\n",
    include_str!("code/drivers/driver.sh"),
    "superserve-end\nesac\n}\n",
);

/// What ends all that a call has started; `$1` is what the call is found by.
#[cfg(not(target_arch = "wasm32"))]
pub const STOP_TEXT: &str = include_str!("scripts/stop.sh");

/// What keeps a script within a folder, symbolic links or not. Scripts of pages wait for each other, as `$lock` says, so that
/// none moves what is under another's feet.
#[cfg(not(target_arch = "wasm32"))]
pub const FOLDER_TEXT: &str = include_str!("scripts/folder.sh");

/// Between two values where they cross together: no escape begins so.
pub const SEPARATOR: &str = "\0/";

/// Most bytes of what a script tells: more than of a million entries.
pub const MAX_OUTPUT_BYTES: f64 = 268_435_456.0;

/// Milliseconds that a stream lasts at most; then the next is opened.
pub const STREAM_MS: f64 = 600_000.0;
/// Milliseconds of silence after which a stream is taken to be lost: the service says every 15 seconds that it is there.
pub const SILENCE_MS: f64 = 45_000.0;

/// The script of an entry with that path.
pub fn of(path: &str) -> Option<&'static Script> {
    SCRIPTS.iter().find(|script| script.path == path)
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
        search::prepare(self.path, &mut values)?;
        Ok(values)
    }

    /// Whether a sandbox that sleeps is woken for it, as its values say. The script itself passes over that.
    pub fn wakes(&self, values: &[String]) -> bool {
        let place = self.waking.checked_sub(1).map(usize::from);
        let waking = place.and_then(|place| values.get(place));
        waking.is_none_or(|wakes| wakes != "0")
    }

    fn is_path(&self, place: usize) -> bool {
        place < 8 && self.paths >> place & 1 == 1
    }

    /// The places of the values that are paths.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn paths(&self) -> impl Iterator<Item = usize> {
        (0..8).filter(|place| self.is_path(*place))
    }

    /// The path that what went wrong with `code` is about: the last, where something is in the way. Of what works on no path
    /// it is the first value.
    pub fn subject<'a>(&self, values: &'a [String], code: &str) -> &'a str {
        let mut paths = values.iter().enumerate();
        let is_path = |(place, _): &(usize, &String)| self.is_path(*place);
        let found = match failure::is_in_the_way(code) {
            true => paths.rfind(is_path),
            false => paths.find(is_path),
        };
        found
            .map_or(values.first(), |(_, path)| Some(path))
            .map_or("", |path| path)
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

    /// What the shell gives the script, as it crosses: the folder that it may not leave, or nothing, and the values.
    pub fn words(&self, root: &str, values: &[String]) -> String {
        let mut words = root.to_owned();
        for value in values {
            words.push_str(SEPARATOR);
            words.push_str(value);
        }
        words
    }
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

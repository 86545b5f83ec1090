//! Scripts: what is done in a sandbox by its own shell and tools, as the body of a request that runs a program.
//!
//! A script is `scripts/<name>.sh` behind `scripts/prelude.sh`, and the name is the last segment of an entry's path. What it
//! is given are arguments, which no shell reads as anything else: first the folder that it may not leave, or nothing, then
//! the values of the entry's fields in turn.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::{ESCAPE, entry, failure, normal};
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
    "list" 0b1 Entries;
    "mkdir" 0b1 Nothing;
    "pack" 0b11 Nothing;
    "remove" 0b1 Nothing;
    "rename" 0b11 Nothing;
    "stat" 0b1 Entry;
    "symlink" 0b10 Nothing;
};

/// Between two values where they cross together: no escape begins so.
pub const SEPARATOR: &str = "\0/";

/// Most bytes of what a script tells: more than of a million entries.
pub const MAX_OUTPUT_BYTES: f64 = 268_435_456.0;

/// The variable by which what a call has started is found, should the call end before.
pub const CALL_VARIABLE: &str = "SUPERSERVE_CALL";

/// Ends what a call has started, and what that has started; `$1` is what the variable says.
const STOP: &str = include_str!("scripts/stop.sh");

/// The script of an entry with that path.
pub fn of(path: &str) -> Option<&'static Script> {
    let name = path.strip_prefix("/files/")?;
    SCRIPTS.iter().find(|script| script.name == name)
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
        Ok(values)
    }

    fn is_path(&self, place: usize) -> bool {
        place < 8 && self.paths >> place & 1 == 1
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
    pub fn json(&self, stdout: &str, values: &[String]) -> Result<Option<String>, String> {
        let path = self.subject(values, "");
        let json = match self.output {
            Output::Nothing => return Ok(None),
            Output::Entry => entry::json(stdout, path, true),
            Output::Entries => entry::json(stdout, path, false),
        };
        json.map(Some)
            .ok_or_else(|| concat(&["the service's answer has no list of files"]))
    }

    /// The JSON of the request that runs it. `root` is the folder that it may not leave, or empty, `call` what the call is
    /// found by, and `timeout_s` the seconds that it has, in digits, or empty for as many as the service gives.
    pub fn request(&self, root: &str, values: &[String], call: &str, timeout_s: &str) -> String {
        let escapes = values
            .iter()
            .map(String::as_str)
            .chain([root])
            .any(|value| value.as_bytes().contains(&ESCAPE));
        let mut words = Words::new();
        words.add(PRELUDE.len() + self.text.len(), |out| {
            text(out, PRELUDE);
            text(out, self.text);
        });
        words.add(1, |out| out.push(if escapes { 'e' } else { 's' }));
        for value in [root].into_iter().chain(values.iter().map(String::as_str)) {
            words.add(value.len(), |out| match escapes {
                true => escaped(out, value),
                false => text(out, value),
            });
        }
        words.finish(call, timeout_s)
    }
}

/// The JSON of the request that ends what a call has started.
pub fn stop(call: &str) -> String {
    let mut words = Words::new();
    words.add(STOP.len(), |out| text(out, STOP));
    words.add(1, |out| out.push('s'));
    words.add(call.len(), |out| text(out, call));
    words.finish("", "")
}

/// A request that runs a script of `/bin/sh`.
struct Words(String);

impl Words {
    fn new() -> Self {
        Self(r#"{"command":"/bin/sh","args":["-c""#.to_owned())
    }

    fn add(&mut self, length: usize, write: impl FnOnce(&mut String)) {
        self.0.reserve(length + 3);
        self.0.push_str(",\"");
        write(&mut self.0);
        self.0.push('"');
    }

    fn finish(mut self, call: &str, timeout_s: &str) -> String {
        // The tools' words are looked at, and names are bytes to them.
        self.0.push_str(r#"],"env":{"LC_ALL":"C""#);
        if !call.is_empty() {
            self.0.extend([",\"", CALL_VARIABLE, "\":\"", call, "\""]);
        }
        self.0.push('}');
        if !timeout_s.is_empty() {
            self.0.extend([",\"timeout_s\":", timeout_s]);
        }
        self.0.push('}');
        self.0
    }
}

fn split_at_separator(text: &str) -> Option<(&str, &str)> {
    let at = text
        .as_bytes()
        .windows(SEPARATOR.len())
        .position(|window| window == SEPARATOR.as_bytes())?;
    Some((text.get(..at)?, text.get(at + SEPARATOR.len()..)?))
}

/// Adds what stands for a text within a JSON string.
pub fn text(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\0'..' ' => {
                out.push_str("\\u00");
                out.extend([hex(character as u8 >> 4), hex(character as u8)]);
            }
            _ => out.push(character),
        }
    }
}

/// Adds what stands for what `printf %b` makes that value of.
fn escaped(out: &mut String, value: &str) {
    let mut rest = value;
    loop {
        let (plain, after) = split_once(rest, ESCAPE).unwrap_or((rest, ""));
        for character in plain.chars() {
            // A backslash of the value is two to `printf`, and each of them two in JSON.
            if character == '\\' {
                out.push_str("\\\\\\\\");
            } else {
                text(out, character.encode_utf8(&mut [0; 4]));
            }
        }
        let Some((digits, after)) = after.split_at_checked(2) else {
            return;
        };
        let byte = u8::from_str_radix(digits, 16).unwrap_or_default();
        out.push_str("\\\\0");
        let octal = |shift: u8| char::from(b'0' + (byte >> shift & 7));
        out.extend([octal(6), octal(3), octal(0)]);
        rest = after;
    }
}

/// The last four bits as a digit.
pub fn hex(bits: u8) -> char {
    let digit = bits & 15;
    char::from(digit + if digit < 10 { b'0' } else { b'a' - 10 })
}

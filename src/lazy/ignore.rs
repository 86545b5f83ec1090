//! The rules of `.gitignore` files, as git has them.

use alloc::vec::Vec;

mod pattern;

use pattern::Pattern;

/// The rules of one file, for what is below its directory.
#[derive(Debug)]
struct Rules {
    /// The directory, with a `/` at its end; empty for the tree itself.
    base: Vec<u8>,
    patterns: Vec<Pattern>,
}

/// All rules that are known of a tree.
#[derive(Debug, Default)]
pub struct Ignore {
    files: Vec<Rules>,
}

impl Ignore {
    /// Adds the text of a file of rules in that directory of the tree; empty for the tree itself. Those of a directory come
    /// after those of the ones above it.
    pub fn add(&mut self, directory: &[u8], text: &[u8]) {
        let mut base = directory.to_vec();
        if !base.is_empty() {
            base.push(b'/');
        }
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let lines = text.split(|&byte| byte == b'\n');
        let patterns: Vec<Pattern> = lines.filter_map(Pattern::of_line).collect();
        if !patterns.is_empty() {
            self.files.push(Rules { base, patterns });
        }
    }

    /// Whether the rules leave out a path of the tree, or one of the directories that it is in.
    pub fn has(&self, path: &[u8], is_directory: bool) -> bool {
        if self.files.is_empty() {
            return false;
        }
        let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
        let mut above = slashes.filter_map(|(at, _)| path.get(..at));
        above.any(|directory| self.has_itself(directory, true))
            || self.has_itself(path, is_directory)
    }

    /// Whether the rules leave out a path whose directories they do not. Of those that fit the last counts, of the deepest
    /// directory.
    pub fn has_itself(&self, path: &[u8], is_directory: bool) -> bool {
        for Rules { base, patterns } in self.files.iter().rev() {
            let Some(below) = path.strip_prefix(&base[..]) else {
                continue;
            };
            let fitting = |pattern: &&Pattern| pattern.fits(below, is_directory);
            if let Some(pattern) = patterns.iter().rev().find(fitting) {
                return !pattern.is_negated;
            }
        }
        false
    }
}

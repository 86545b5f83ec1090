//! What the tests share.
#![allow(dead_code, missing_docs)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// Numbers that look random, the same each time.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    pub fn one_of<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }

    /// A segment of a path, of any bytes that Linux allows.
    pub fn segment(&mut self, most: usize) -> Vec<u8> {
        let length = 1 + self.below(most);
        let odd = [
            b' ', b'\n', b'\'', b'"', b'\\', b'*', b'-', b'=', 0xff, 0xc3, 0x80, b'.', 1, 127,
        ];
        let mut name: Vec<u8> = (0..length)
            .map(|_| match self.below(3) {
                0 => self.one_of(&odd),
                1 => b'a' + self.below(26) as u8,
                _ => loop {
                    let byte = self.next() as u8;
                    if byte != 0 && byte != b'/' {
                        break byte;
                    }
                },
            })
            .collect();
        if name == b"." || name == b".." {
            name.push(b'x');
        }
        name
    }

    pub fn path(&mut self, depth: usize, most: usize) -> Vec<u8> {
        let count = 1 + self.below(depth);
        let segments: Vec<Vec<u8>> = (0..count).map(|_| self.segment(most)).collect();
        segments.join(&b'/')
    }
}

/// A directory that goes with its value.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("folders-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl std::ops::Deref for Scratch {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Nothing waits for ever: where it is not dropped within five minutes it tells what is in a directory and which processes run,
/// and ends the tests.
pub struct Limit(mpsc::Sender<()>);

impl Limit {
    pub fn of(directory: &Path) -> Self {
        let (sender, dropped) = mpsc::channel();
        let look = format!(
            "ps -eo pid,ppid,pgid,stat,etime,wchan:20,args; cd '{}' && ls -lR . && head -c 300 */pid */running",
            directory.display()
        );
        std::thread::spawn(move || {
            if dropped.recv_timeout(Duration::from_secs(300)) == Err(RecvTimeoutError::Timeout) {
                let looked = Command::new("sh").args(["-c", &look]).output();
                eprintln!("nothing has come in five minutes: {looked:?}");
                std::process::exit(1);
            }
        });
        Self(sender)
    }
}

/// Runs a program with those bytes as its input. None where there is no such program.
pub fn run(command: &mut Command, input: &[u8]) -> Option<Output> {
    use std::io::Write;
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.env("LC_ALL", "C").spawn().ok()?;
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Some(output)
}

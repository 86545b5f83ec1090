//! Knowing what need not be done again.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::process::say;

/// A piece of work, skipped while its outcome is newer than all it was made from.
pub struct Step<'a> {
    /// What the user reads when it runs.
    pub name: &'a str,
    /// A file that marks when the work last succeeded.
    pub stamp: PathBuf,
    /// Files and directories the work reads.
    pub inputs: Vec<PathBuf>,
    /// What must still be there from last time.
    pub outputs: Vec<PathBuf>,
}

impl Step<'_> {
    /// Does the work if anything changed since it last succeeded.
    pub fn run(&self, work: impl FnOnce() -> Result<()>) -> Result<()> {
        if self.is_fresh()? {
            return Ok(());
        }
        say(self.name);
        // The stamp says when the work began: a file edited meanwhile counts as changed.
        let began = SystemTime::now();
        work()?;
        if let Some(parent) = self.stamp.parent() {
            fs::create_dir_all(parent)?;
        }
        File::create(&self.stamp)
            .and_then(|stamp| stamp.set_modified(began))
            .with_context(|| format!("cannot stamp {}", self.stamp.display()))
    }

    fn is_fresh(&self) -> Result<bool> {
        let Some(done) = modified(&self.stamp)? else {
            return Ok(false);
        };
        for output in &self.outputs {
            if !output.exists() {
                return Ok(false);
            }
        }
        for input in &self.inputs {
            if newest(input)?.is_none_or(|changed| changed >= done) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The last change of a file, or of anything in a directory; a deletion changes its directory.
fn newest(path: &Path) -> Result<Option<SystemTime>> {
    let mut newest = modified(path)?;
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            newest = newest.max(self::newest(&entry?.path())?);
        }
    }
    Ok(newest)
}

fn modified(path: &Path) -> Result<Option<SystemTime>> {
    match fs::metadata(path) {
        Ok(metadata) => Ok(Some(metadata.modified()?)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::time::Duration;

    fn touch(path: &Path, age: Duration) {
        let file = File::create(path).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
    }

    #[test]
    fn work_is_done_once_until_an_input_changes_or_an_output_is_gone() {
        let dir = std::env::temp_dir().join(format!("xtask-stamp-{}", std::process::id()));
        let inputs = dir.join("in");
        fs::create_dir_all(&inputs).unwrap();
        let (source, output) = (inputs.join("source"), dir.join("out"));
        let step = Step {
            name: "test",
            stamp: dir.join("stamps/test"),
            inputs: vec![inputs.clone()],
            outputs: vec![output.clone()],
        };
        let runs = Cell::new(0);
        let run = || {
            step.run(|| {
                runs.set(runs.get() + 1);
                Ok(fs::write(&output, "")?)
            })
            .unwrap();
            runs.get()
        };
        touch(&source, Duration::from_secs(60));
        File::open(&inputs)
            .unwrap()
            .set_modified(SystemTime::now() - Duration::from_secs(60))
            .unwrap();

        assert_eq!(run(), 1);
        assert_eq!(run(), 1, "nothing changed");
        fs::remove_file(&output).unwrap();
        assert_eq!(run(), 2, "the output is gone");
        touch(&source, Duration::ZERO);
        assert_eq!(run(), 3, "an input changed");
        fs::remove_file(&source).unwrap();
        assert_eq!(run(), 4, "an input was deleted");
        assert!(step.run(|| anyhow::bail!("no")).is_ok(), "still fresh");
        fs::remove_file(&step.stamp).unwrap();
        assert!(step.run(|| anyhow::bail!("no")).is_err());
        assert_eq!(run(), 5, "a failure is not a success");
        fs::remove_dir_all(&dir).unwrap();
    }
}

//! What a script's failure means: scripts say it by a code of their own, or leave it to the words of a tool.

use alloc::string::String;

use crate::protocol::error::Class;
use crate::protocol::problem::Problem;
use crate::protocol::text::{concat, rsplit_once, split_once};
use crate::resources::script::Script;

/// Stands before the code that a script says.
const SAYS: &str = "superserve:";

/// An error that scripts end with.
struct Known {
    code: &'static str,
    class: Class,
    status: u16,
    /// How a message ends that tells of it, in the words of glibc and, where they differ, of musl.
    words: &'static [&'static str],
    /// What it is to the caller.
    says: &'static str,
}

macro_rules! known {
    ($($code:literal $class:ident $status:literal $says:literal [$($words:literal),*];)*) => {
        &[$(Known {
            code: $code,
            class: Class::$class,
            status: $status,
            words: &[$($words),*],
            says: $says,
        }),*]
    };
}

static KNOWN: &[Known] = known! {
    "not_found" NotFound 404 "no such file or directory" ["No such file or directory"];
    "already_exists" Conflict 409 "exists already" ["File exists"];
    "not_empty" Conflict 409 "the directory is not empty" ["Directory not empty"];
    "changed" Conflict 409 "was changed by another meanwhile" [];
    "is_directory" Validation 400 "is a directory" ["Is a directory", "with non-directory"];
    "not_directory" Validation 400 "is not a directory" ["Not a directory"];
    "name_too_long" Validation 400 "the name is too long" ["File name too long", "Filename too long"];
    "too_many_links" Validation 400 "too many symbolic links on the way"
        ["Too many levels of symbolic links", "Symbolic link loop", "Too many links"];
    "bad_pattern" Validation 400 "the pattern is no extended regular expression" [];
    "permission_denied" Sandbox 403 "permission denied" ["Permission denied", "Operation not permitted"];
    "outside_root" Authentication 403 "is outside of the folder that the ticket is for" [];
    "read_only" Sandbox 403 "the file system is read-only" ["Read-only file system"];
    "sandbox_storage_full" Server 507 "the sandbox's disk is full"
        ["No space left on device", "Disk quota exceeded", "Quota exceeded"];
    "tool_missing" Sandbox 501 "the sandbox has no " [];
};

/// What a command exits with that the service ends since its time is over.
const TIMED_OUT: f64 = 124.0;

/// Whether a failure with that code says that there is nothing by a path.
pub fn is_absence(code: &str) -> bool {
    matches!(code, "not_found" | "not_directory")
}

/// The code of what no words are known for.
const OTHER: &str = "file_error";

/// Whether a failure with that code is about what a path leads to that was to be new.
pub fn is_in_the_way(code: &str) -> bool {
    code == "already_exists"
}

/// What a script with those values, which exited with that code, has failed with, if it has.
pub fn of(exit_code: f64, stderr: &str, script: &Script, values: &[String]) -> Option<Problem> {
    if exit_code == 0.0 {
        return None;
    }
    if exit_code == TIMED_OUT {
        let path = script.subject(values, "");
        return Some(problem(
            Class::Timeout,
            path,
            "took too long, and was ended",
            "",
            0,
            "timeout",
        ));
    }
    let mut line = stderr.trim_ascii_end();
    if let Some((_, last)) = rsplit_once(line, b'\n') {
        line = last;
    }
    let (said, detail) = match line.strip_prefix(SAYS) {
        Some(said) => split_once(said, b':').unwrap_or((said, "")),
        None => ("", ""),
    };
    let tells = |known: &&Known| match said {
        "" => known.words.iter().any(|words| line.ends_with(words)),
        said => known.code == said,
    };
    let Some(known) = KNOWN.iter().find(tells) else {
        let why = if line.is_empty() {
            "the command failed"
        } else {
            line
        };
        let path = script.subject(values, "");
        return Some(problem(Class::Sandbox, path, why, "", 0, OTHER));
    };
    let path = script.subject(values, known.code);
    let Known {
        class,
        says,
        status,
        code,
        ..
    } = known;
    Some(problem(*class, path, says, detail, *status, code))
}

fn problem(class: Class, path: &str, says: &str, detail: &str, status: u16, code: &str) -> Problem {
    let between = if path.is_empty() { "" } else { ": " };
    Problem::new(
        class,
        &concat(&[&shown(path), between, says, detail]),
        status,
        code,
    )
}

/// A path for people: what is no UTF-8 in it is U+FFFD.
fn shown(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((plain, after)) = split_once(rest, super::ESCAPE) {
        out.push_str(plain);
        out.push(char::REPLACEMENT_CHARACTER);
        rest = after.get(2..).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::borrow::ToOwned;

    fn stat() -> &'static Script {
        crate::resources::script::of("/files/stat").unwrap()
    }

    #[test]
    fn what_is_in_the_way_is_at_the_last_path() {
        let rename = crate::resources::script::of("/files/rename").unwrap();
        let values = ["/a", "/b", ""].map(str::to_owned);
        let message = |stderr| of(1.0, stderr, rename, &values).unwrap().message;
        assert_eq!(message("superserve:already_exists"), "/b: exists already");
        assert_eq!(
            message("x: No such file or directory"),
            "/a: no such file or directory"
        );
    }

    #[test]
    fn tools_and_scripts_say_what_is_wrong() {
        for (stderr, class, code, message) in [
            (
                "ls: cannot access './x': No such file or directory\n",
                Class::NotFound,
                "not_found",
                "/a: no such file or directory",
            ),
            (
                "warning: File exists\nmv: cannot move 'x': No space left on device",
                Class::Server,
                "sandbox_storage_full",
                "/a: the sandbox's disk is full",
            ),
            (
                "superserve:already_exists\n",
                Class::Conflict,
                "already_exists",
                "/a: exists already",
            ),
            (
                "superserve:tool_missing:base64\n",
                Class::Sandbox,
                "tool_missing",
                "/a: the sandbox has no base64",
            ),
            ("odd\n", Class::Sandbox, OTHER, "/a: odd"),
            ("", Class::Sandbox, OTHER, "/a: the command failed"),
        ] {
            let problem = of(1.0, stderr, stat(), &["/a".to_owned()]).unwrap();
            assert_eq!(problem.class, class, "{stderr}");
            assert_eq!(problem.code, code, "{stderr}");
            assert_eq!(problem.message, message, "{stderr}");
        }
        assert!(of(0.0, "No such file or directory", stat(), &[]).is_none());
    }

    #[test]
    fn what_the_service_ends_has_timed_out() {
        let problem = of(124.0, "command timed out", stat(), &["/a".to_owned()]).unwrap();
        assert_eq!(problem.class, Class::Timeout);
        assert_eq!(problem.message, "/a: took too long, and was ended");
    }

    #[test]
    fn bytes_that_are_no_text_are_shown_all_the_same() {
        let problem = of(1.0, "superserve:not_empty", stat(), &["/a\0ffb".to_owned()]).unwrap();
        assert_eq!(problem.message, "/a\u{fffd}b: the directory is not empty");
    }
}

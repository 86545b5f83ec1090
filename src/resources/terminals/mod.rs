//! Terminals that have a name: what holds them, and what shows them, in the sandbox.

/// Whether such a terminal runs, and what is known of it.
pub const RUNNING_TEXT: &str = include_str!("scripts/running.sh");

/// The files that they are made of, each as what a function writes. Those that are there already stay, whichever version of
/// this package has put them there: what changes needs another name, in the scripts and in `view.sh`.
pub const VIEW_TEXT: &str = concat!(
    "view_text() {\ncat <<'END'\n",
    include_str!("view.sh"),
    "END\n}\ntmux_text() {\ncat <<'END'\n",
    include_str!("tmux.conf"),
    "END\n}\nhelper_text() {\ncat <<'END'\n",
    include_str!("helper.py"),
    "END\n}\n",
);

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use crate::resources::script::{PRELUDE_TEXT, SCRIPTS};

    /// Runs a program that reads its input, if the machine has it.
    fn run(program: &str, args: &[&str], input: &str) -> Option<(bool, String)> {
        let mut child = Command::new(program)
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|_| eprintln!("skipped: this machine has no {program}"))
            .ok()?;
        child
            .stdin
            .take()
            .unwrap()
            .write_all(input.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        Some((
            output.status.success(),
            String::from_utf8_lossy(&text).into_owned(),
        ))
    }

    #[test]
    fn every_shell_reads_the_scripts() {
        for script in SCRIPTS
            .iter()
            .filter(|script| script.path.starts_with("/terminals/"))
        {
            let mut text = PRELUDE_TEXT.to_owned();
            text.extend(script.common.iter().copied());
            text.push_str(script.text);
            for text in [&*text, include_str!("view.sh")] {
                for (shell, args) in [
                    ("dash", &["-n"][..]),
                    ("bash", &["-n"]),
                    ("busybox", &["sh", "-n"]),
                ] {
                    if let Some((is_good, said)) = run(shell, args, text) {
                        assert!(
                            is_good && said.is_empty(),
                            "{shell}, {}: {said}",
                            script.path
                        );
                    }
                }
            }
        }
    }

    /// Runs lines of Python in which the helper's own are known, if the machine has it.
    fn python(test: &str) {
        let (own, _) = include_str!("helper.py").rsplit_once("main()").unwrap();
        let code = [own, test].concat();
        if let Some((is_good, said)) = run("python3", &["-IS", "-"], &code) {
            assert!(is_good, "{said}");
        }
    }

    #[test]
    fn the_helper_knows_what_was_shown_however_it_comes() {
        python(
            r#"
shown = (
    b"\x1b]0;title\x07one\r\n\x1b[?2004h\x1b[1mtwo\x1b[m \x1b[c\x1b[6n\x1b[>c\x1b]11;?\x1b\\\x1b[?2026$p\x1bP+q4d73\x1b\\\xc3\xa9\r\n"
    b"\x1b[?1049h\x1b[2Jfull\x1b[?25l\x1b[?1000;1006h\x1b=\x1b[5 q"
)
expected = (
    b"\x1bc\x1b]0;title\x07one\r\n\x1b[?2004h\x1b[1mtwo\x1b[m \xc3\xa9\r\n"
    b"\x1b[?1049h\x1b[2Jfull\x1b[?25l\x1b[?1000h\x1b[?1006h"
    b"\x1b[?2004h\x1b[?25l\x1b[?1000h\x1b[?1006h\x1b=\x1b[5 q"
)
for cut in range(len(shown) + 1):
    for second in range(cut, len(shown) + 1):
        screen = Screen()
        for piece in (shown[:cut], shown[cut:second], shown[second:]):
            screen.feed(piece)
        assert screen.whole() == expected, (cut, second, screen.whole())
screen.feed(b"\x1b[?1049l\x1b[?1000l")
assert b"full" not in screen.whole() and b"1049" not in screen.whole()
screen.feed(b"\x1b[H\x1b[2J\x1b[3Jnew\x1b[3")
assert b"one" not in screen.whole() and screen.whole().endswith(b"\x1b[3"), screen.whole()
screen.feed(b"2mgreen\x1bcall over")
assert screen.whole() == b"\x1bcall over", screen.whole()
"#,
        );
    }

    #[test]
    fn the_helper_keeps_the_last_of_it_in_whole_lines() {
        python(
            r#"
screen = Screen()
for number in range(100000):
    screen.feed(b"line %d\r\n" % number)
    assert len(screen.main) <= 2 * KEPT
whole = screen.whole()
assert KEPT - 20 < len(whole) <= KEPT + 2 and whole.startswith(b"\x1bcline ") and whole.endswith(b"line 99999\r\n")
assert screen.main.startswith(b"line ") and screen.main.is_cut
screen.feed(b"\x1b[?1049h")
assert not screen.present().is_cut
screen.feed(b"x" * 3 * KEPT)
assert screen.present().is_cut and len(screen.alternate) == KEPT
"#,
        );
    }

    #[test]
    fn the_helper_goes_on_where_nothing_can_be_written() {
        python(
            r#"
os.chdir("/proc/self")
server = Server(None, 1, 0, (80, 24))
server.tell()
assert server.told is None
"#,
        );
    }

    /// The files stay where they are: whoever changes one gives it another name, and notes here what it is.
    #[test]
    fn what_stays_in_a_sandbox_has_its_own_name() {
        let sum = |text: &str| {
            text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
                (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            })
        };
        for (name, text, known) in [
            ("view-1.sh", include_str!("view.sh"), 0x5a7d_425a_1634_14d1),
            (
                "tmux-1.conf",
                include_str!("tmux.conf"),
                0x3fa2_2330_7f0d_41e1,
            ),
            (
                "helper-1.py",
                include_str!("helper.py"),
                0x7b68_ab18_2e1f_e25f,
            ),
        ] {
            assert_eq!(sum(text), known, "{name}");
            assert!(include_str!("scripts/open.sh").contains(name), "{name}");
        }
    }
}

//! Sandboxes with a screen: an X server of their own, and what the API does with it.
//!
//! All of it runs in the sandbox, by programs of this machine: `Xtigervnc` shows, `xdotool` moves
//! and types, `xwd` looks, `xrandr` resizes; where noVNC is there, it serves the screen as a page.

pub mod input;
mod picture;

use tokio::sync::mpsc;

use crate::sandbox::environment::Environment;
use crate::sandbox::lifecycle::Sandbox;
use crate::sandbox::link::StartError;
use crate::sandbox::machine::Machine;
use crate::sandbox::output::{self, Event, Source};
use crate::sandbox::record::Strings;

pub use picture::{Picture, png_of};

/// The screen of every sandbox that has one.
pub const DISPLAY: &str = ":0";

/// Where noVNC serves the screen.
pub const PAGE_PORT: u16 = 6080;

/// The most that a program may print: the largest screen's picture.
const MAX_OUTPUT: usize = (8192 * 8192 + 65_536) * 4;

/// Starts the screen, and returns when it is there or cannot be. `-nolisten local` is for the
/// abstract socket, which every sandbox without a network of its own would share. A sandbox from a
/// snapshot has the marks of a screen that is gone.
const START: &str = r#"command -v Xtigervnc >/dev/null || exit 0
rm -f /tmp/.X0-lock /tmp/.X11-unix/X0 /run/screen.sock
mkdir -p /tmp/.X11-unix && chmod 1777 /tmp/.X11-unix
Xtigervnc :0 -geometry 1280x800 -depth 24 -ac -noreset -AlwaysShared -SecurityTypes None \
    -nolisten tcp -nolisten local -rfbport -1 -rfbunixpath /run/screen.sock >/dev/null 2>&1 &
x=$!
if command -v websockify >/dev/null && [ -f /usr/share/novnc/vnc.html ]; then
    websockify --web /usr/share/novnc --unix-target=/run/screen.sock 6080 >/dev/null 2>&1 &
fi
until [ -S /tmp/.X11-unix/X0 ] && [ -S /run/screen.sock ]; do
    kill -0 $x 2>/dev/null || exit 0
    sleep 0.02
done"#;

/// Runs a program once all that the screen needs is there; 69 says what is not.
const WITH_SCREEN: &str = r#"for program in Xtigervnc xdotool xwd xrandr; do
    command -v $program >/dev/null || { echo $program >&2; exit 69; }
done
[ -S /tmp/.X11-unix/X0 ] || exit 70
exec "$@""#;

const NOT_INSTALLED: i32 = 69;
const NO_SCREEN: i32 = 70;

/// Sets a mode of the size that is wanted. Its timing says nothing here.
const RESIZE: &str = r#"mode=$1x$2
xrandr --newmode $mode 100 $1 $(($1+1)) $(($1+2)) $(($1+3)) $2 $(($2+1)) $(($2+2)) $(($2+3)) 2>/dev/null
xrandr --addmode VNC-0 $mode && xrandr --output VNC-0 --mode $mode"#;

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// The caller's fault, in words.
    Invalid(String),
    /// This machine or this sandbox cannot have a screen.
    Unavailable(String),
    TooLarge,
    Start(StartError),
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        Self::Start(error)
    }
}

/// Starts the screen of a new sandbox.
pub async fn start(machine: &Machine) {
    let root = Environment::new("/".to_owned());
    match output::start(machine, root.shell(START), None).await {
        Ok(events) => drop(output::end_of(events).await),
        Err(error) => tracing::warn!(%error, "screen"),
    }
}

/// The picture on the screen.
pub async fn screenshot(sandbox: &Sandbox) -> Result<Picture, Failure> {
    let dump = run(sandbox, &["xwd", "-root", "-silent"]).await?;
    tokio::task::spawn_blocking(move || png_of(&dump))
        .await
        .map_err(|error| Failure::Unavailable(error.to_string()))?
        .map_err(Failure::Unavailable)
}

/// Gives the screen another size.
pub async fn resize(sandbox: &Sandbox, width: u32, height: u32) -> Result<(), Failure> {
    let (width, height) = (width.to_string(), height.to_string());
    run(sandbox, &["sh", "-c", RESIZE, "resize", &width, &height])
        .await
        .map(drop)
}

/// Runs a program beside the screen; what it prints.
async fn run(sandbox: &Sandbox, argv: &[&str]) -> Result<Vec<u8>, Failure> {
    if !sandbox.origin.image.screen {
        return Err(Failure::Unavailable(
            "this sandbox has no screen: it is not made from superserve/desktop".to_owned(),
        ));
    }
    let argv = ["/bin/sh", "-c", WITH_SCREEN, "screen"].iter().chain(argv);
    let argv = argv.map(|word| (*word).to_owned()).collect();
    let mut environment = Environment::new("/".to_owned());
    environment
        .variables
        .insert("DISPLAY".to_owned(), DISPLAY.to_owned());
    let command = environment.command(argv, "/", Strings::new());
    let events = output::start(&sandbox.machine, command, None).await?;
    let (exit_code, stdout, stderr) = collect(events).await?;
    let stderr = String::from_utf8_lossy(&stderr).trim().to_owned();
    match exit_code {
        // xdotool passes over what it does not know, and says so.
        0 if stderr.contains("No such key name") => Err(Failure::Invalid(stderr)),
        0 => Ok(stdout),
        NOT_INSTALLED => Err(Failure::Unavailable(format!(
            "{stderr} is not installed on this machine; a screen needs the packages \
             tigervnc-standalone-server, xdotool, x11-apps and x11-xserver-utils",
        ))),
        NO_SCREEN => Err(Failure::Unavailable(
            "the sandbox's screen is not running".to_owned(),
        )),
        code => Err(Failure::Unavailable(format!("exit code {code}: {stderr}"))),
    }
}

async fn collect(mut events: mpsc::Receiver<Event>) -> Result<(i32, Vec<u8>, Vec<u8>), Failure> {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    while let Some(event) = events.recv().await {
        match event {
            Event::Output(Source::Stdout, bytes) => stdout.extend_from_slice(&bytes),
            Event::Output(Source::Stderr, bytes) => stderr.extend_from_slice(&bytes),
            Event::Finished(end) => return Ok((end.exit_code, stdout, stderr)),
        }
        if stdout.len() + stderr.len() > MAX_OUTPUT {
            return Err(Failure::TooLarge);
        }
    }
    Err(Failure::Start(StartError::Gone))
}

//! Pointer, keys and wheel: checked as a whole, then done by xdotool(1).

use serde::Deserialize;

use super::{Failure, run};
use crate::sandbox::lifecycle::Sandbox;

/// Turns of the wheel at most, in one go.
const MAX_SCROLL: i64 = 1000;

const MAX_TEXT: usize = 64 << 10;

/// X's own limit on a coordinate.
const MAX_COORDINATE: u32 = 32_767;

#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub enum Button {
    #[default]
    #[serde(rename = "POINTER_BUTTON_LEFT")]
    Left,
    #[serde(rename = "POINTER_BUTTON_MIDDLE")]
    Middle,
    #[serde(rename = "POINTER_BUTTON_RIGHT")]
    Right,
}

#[derive(Debug, Clone, Copy, Deserialize)]
pub enum PointerAction {
    #[serde(rename = "POINTER_ACTION_CLICK")]
    Click,
    #[serde(rename = "POINTER_ACTION_DOUBLE_CLICK")]
    DoubleClick,
    #[serde(rename = "POINTER_ACTION_MOVE")]
    Move,
    #[serde(rename = "POINTER_ACTION_DOWN")]
    Down,
    #[serde(rename = "POINTER_ACTION_UP")]
    Up,
}

/// Absent numbers are 0, as in all of this API.
#[derive(Debug, Deserialize)]
pub struct Pointer {
    #[serde(default)]
    x: u32,
    #[serde(default)]
    y: u32,
    #[serde(default)]
    button: Button,
    action: PointerAction,
}

/// Either a text or a key with its modifiers.
#[derive(Debug, Deserialize)]
pub struct Key {
    text: Option<String>,
    key: Option<String>,
    #[serde(default)]
    modifiers: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct Scroll {
    #[serde(default)]
    dx: i64,
    #[serde(default)]
    dy: i64,
}

/// One of several actions; exactly one is set.
#[derive(Debug, Deserialize)]
pub struct Action {
    pointer: Option<Pointer>,
    key: Option<Key>,
    scroll: Option<Scroll>,
}

#[derive(Debug, Deserialize)]
pub struct Actions {
    #[serde(default)]
    actions: Vec<Action>,
}

/// The arguments of one call of xdotool.
type Words = Vec<String>;

/// What can be done with the screen.
pub trait Input {
    /// The calls that do it, or what is wrong with it.
    fn calls(&self) -> Result<Vec<Words>, String>;
}

impl Input for Pointer {
    fn calls(&self) -> Result<Vec<Words>, String> {
        if self.x > MAX_COORDINATE || self.y > MAX_COORDINATE {
            return Err(format!("x and y must be at most {MAX_COORDINATE}"));
        }
        let button = match self.button {
            Button::Left => "1",
            Button::Middle => "2",
            Button::Right => "3",
        };
        let mut call = words(&["mousemove", &self.x.to_string(), &self.y.to_string()]);
        call.extend(match self.action {
            PointerAction::Move => Vec::new(),
            PointerAction::Click => words(&["click", button]),
            PointerAction::DoubleClick => {
                words(&["click", "--repeat", "2", "--delay", "50", button])
            }
            PointerAction::Down => words(&["mousedown", button]),
            PointerAction::Up => words(&["mouseup", button]),
        });
        Ok(vec![call])
    }
}

impl Input for Key {
    fn calls(&self) -> Result<Vec<Words>, String> {
        match (&self.text, &self.key) {
            (Some(_), Some(_)) | (None, None) => {
                Err("exactly one of text and key must be set".to_owned())
            }
            (Some(_), None) if !self.modifiers.is_empty() => {
                Err("modifiers go with a key".to_owned())
            }
            (Some(text), None) if text.len() > MAX_TEXT || text.contains('\0') => Err(format!(
                "text must have at most {MAX_TEXT} bytes and no NUL"
            )),
            (Some(text), None) if text.is_empty() => Ok(Vec::new()),
            (Some(text), None) => Ok(vec![words(&["type", "--delay", "2", "--", text])]),
            (None, Some(key)) => {
                let modifiers = ["ctrl", "alt", "shift", "super"];
                if let Some(bad) = self
                    .modifiers
                    .iter()
                    .find(|one| !modifiers.contains(&one.as_str()))
                {
                    return Err(format!("no such modifier: {bad}"));
                }
                let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
                if key.is_empty() || !key.bytes().all(allowed) {
                    return Err(format!("no such key: {key}"));
                }
                let mut chord = self.modifiers.clone();
                chord.push(key.clone());
                Ok(vec![words(&[
                    "key",
                    "--delay",
                    "2",
                    "--",
                    &chord.join("+"),
                ])])
            }
        }
    }
}

impl Input for Scroll {
    fn calls(&self) -> Result<Vec<Words>, String> {
        let mut calls = Vec::new();
        // Buttons of the wheel: up and down, left and right.
        for (turns, backward, forward) in [(self.dy, "4", "5"), (self.dx, "6", "7")] {
            if turns.unsigned_abs() > MAX_SCROLL.unsigned_abs() {
                return Err(format!("dx and dy must be between ±{MAX_SCROLL}"));
            }
            if turns != 0 {
                let button = if turns < 0 { backward } else { forward };
                let times = turns.unsigned_abs().to_string();
                calls.push(words(&[
                    "click", "--repeat", &times, "--delay", "2", button,
                ]));
            }
        }
        Ok(calls)
    }
}

impl Input for Action {
    fn calls(&self) -> Result<Vec<Words>, String> {
        match (&self.pointer, &self.key, &self.scroll) {
            (Some(pointer), None, None) => pointer.calls(),
            (None, Some(key), None) => key.calls(),
            (None, None, Some(scroll)) => scroll.calls(),
            _ => Err("exactly one of pointer, key and scroll must be set".to_owned()),
        }
    }
}

impl Input for Actions {
    fn calls(&self) -> Result<Vec<Words>, String> {
        let mut calls = Vec::new();
        for (index, action) in self.actions.iter().enumerate() {
            let of_one = action.calls();
            calls.extend(of_one.map_err(|why| format!("actions[{index}]: {why}"))?);
        }
        Ok(calls)
    }
}

/// Does it, in one go; stops at the first call that fails.
pub async fn perform(sandbox: &Sandbox, input: &impl Input) -> Result<(), Failure> {
    let calls = input.calls().map_err(Failure::Invalid)?;
    let _alone = sandbox.screen.lock().await;
    if calls.is_empty() {
        return run(sandbox, &["true"]).await.map(drop);
    }
    for call in calls {
        let mut argv = vec!["xdotool"];
        argv.extend(call.iter().map(String::as_str));
        run(sandbox, &argv).await?;
    }
    Ok(())
}

fn words(words: &[&str]) -> Words {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn check(actions: Value) -> Result<Vec<Words>, String> {
        let actions: Actions = serde_json::from_value(json!({ "actions": actions }))
            .map_err(|error| error.to_string())?;
        actions.calls()
    }

    #[test]
    fn actions_become_calls() {
        let click = json!({ "pointer": { "x": 5, "y": 7, "action": "POINTER_ACTION_CLICK" } });
        let chord = json!({ "key": { "key": "c", "modifiers": ["ctrl", "shift"] } });
        let scroll = json!({ "scroll": { "dx": -1, "dy": 3 } });
        let text = json!({ "key": { "text": "-é" } });
        let lines: Vec<_> = check(json!([click, chord, scroll, text]))
            .unwrap()
            .iter()
            .map(|call| call.join(" "))
            .collect();
        assert_eq!(
            lines,
            [
                "mousemove 5 7 click 1",
                "key --delay 2 -- ctrl+shift+c",
                "click --repeat 3 --delay 2 5",
                "click --repeat 1 --delay 2 6",
                "type --delay 2 -- -é",
            ]
        );
    }

    #[test]
    fn one_bad_action_spoils_all() {
        let good = json!({ "scroll": { "dy": 1 } });
        for bad in [
            json!({}),
            json!({ "scroll": {}, "key": { "text": "a" } }),
            json!({ "pointer": { "x": -1, "y": 0, "action": "POINTER_ACTION_MOVE" } }),
            json!({ "pointer": { "x": 0.5, "y": 0, "action": "POINTER_ACTION_MOVE" } }),
            json!({ "pointer": { "x": 40_000, "y": 0, "action": "POINTER_ACTION_MOVE" } }),
            json!({ "pointer": { "x": 0, "y": 0 } }),
            json!({ "pointer": { "x": 0, "y": 0, "action": "CLICK" } }),
            json!({ "key": {} }),
            json!({ "key": { "text": "a", "key": "a" } }),
            json!({ "key": { "key": "a", "modifiers": ["meta"] } }),
            json!({ "key": { "key": "a b" } }),
            json!({ "scroll": { "dy": 1001 } }),
        ] {
            assert!(check(json!([good, bad])).is_err(), "{bad}");
        }
    }
}

//! The screen of a sandbox: what its keys are called, and where it is shown.

/// Port on which a sandbox serves its screen as a page.
pub const STREAM_PORT: &str = "6080";
/// What publishes it.
pub const PUBLISHED: &str = "{\"port\":6080}";
/// What says of a port that its URL needs a token.
pub const PRIVATE: &str = "private";
/// The page, which connects by itself and fits the screen to its window.
#[cfg(not(target_arch = "wasm32"))]
pub const STREAM_PAGE: &str = "/vnc.html?autoconnect=1&resize=scale";

/// Keys by X's name, each with those that people call it by, in lower case. What stands in none of them goes to the
/// service as it is.
#[cfg(not(target_arch = "wasm32"))]
pub const KEYSYMS: [(&str, &str); 25] = [
    ("Return", "enter return"),
    ("Escape", "esc escape"),
    ("Tab", "tab"),
    ("BackSpace", "backspace"),
    ("Delete", "del delete"),
    ("Insert", "insert"),
    ("Home", "home"),
    ("End", "end"),
    ("Page_Up", "pageup"),
    ("Page_Down", "pagedown"),
    ("Up", "up arrowup"),
    ("Down", "down arrowdown"),
    ("Left", "left arrowleft"),
    ("Right", "right arrowright"),
    ("space", "space"),
    ("Control_L", "ctrl control"),
    ("Alt_L", "alt"),
    ("Shift_L", "shift"),
    ("Super_L", "super cmd command meta win"),
    ("plus", "+"),
    ("minus", "-"),
    ("equal", "="),
    ("slash", "/"),
    ("comma", ","),
    ("period", "."),
];

/// Keys that may be held while another is pressed, each with what the service calls it.
#[cfg(not(target_arch = "wasm32"))]
pub const MODIFIERS: [(&str, &str); 4] = [
    ("Control_L", "ctrl"),
    ("Alt_L", "alt"),
    ("Shift_L", "shift"),
    ("Super_L", "super"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::preview::{MAX_PORT, MIN_PORT, RESERVED_PORT};

    #[test]
    fn a_name_means_one_key() {
        let names = || {
            KEYSYMS
                .iter()
                .flat_map(|(_, names)| names.split_whitespace())
        };
        for name in names() {
            assert_eq!(names().filter(|one| *one == name).count(), 1, "{name}");
            assert_eq!(name, name.to_lowercase());
        }
        for (keysym, modifier) in MODIFIERS {
            let (_, names) = KEYSYMS.iter().find(|(one, _)| *one == keysym).unwrap();
            assert!(names.split_whitespace().any(|name| name == modifier));
        }
    }

    #[test]
    fn the_screens_port_can_be_previewed() {
        let port: u32 = STREAM_PORT.parse().unwrap();
        let published: serde_json::Value = serde_json::from_str(PUBLISHED).unwrap();
        assert_eq!(published, serde_json::json!({ "port": port }));
        assert!((MIN_PORT..=MAX_PORT).contains(&port) && port != RESERVED_PORT);
    }
}

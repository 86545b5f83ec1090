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

/// Keys: X's name, and then what people call it. A modifier's name ends with `_L`, and the next is the service's. What is none
/// of them, in upper or lower case, goes to the service as it is.
#[cfg(not(target_arch = "wasm32"))]
pub const KEYS: [&str; 25] = [
    "Return enter",
    "Escape esc",
    "Tab",
    "BackSpace",
    "Delete del",
    "Insert",
    "Home",
    "End",
    "Page_Up pageup",
    "Page_Down pagedown",
    "Up arrowup",
    "Down arrowdown",
    "Left arrowleft",
    "Right arrowright",
    "space",
    "Control_L ctrl control",
    "Alt_L alt",
    "Shift_L shift",
    "Super_L super cmd command meta win",
    "plus +",
    "minus -",
    "equal =",
    "slash /",
    "comma ,",
    "period .",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::preview::{MAX_PORT, MIN_PORT, RESERVED_PORT};
    use alloc::vec::Vec;

    #[test]
    fn a_name_means_one_key() {
        let all = || KEYS.iter().flat_map(|names| names.split(' '));
        for name in all() {
            let same = all().filter(|one| one.eq_ignore_ascii_case(name));
            assert_eq!(same.count(), 1, "{name}");
            assert!(!name.contains(';'), "{name}");
        }
        let modifiers = KEYS.iter().filter_map(|names| names.split_once("_L "));
        let modifiers: Vec<&str> = modifiers
            .filter_map(|(_, names)| names.split(' ').next())
            .collect();
        assert_eq!(modifiers, ["ctrl", "alt", "shift", "super"]);
    }

    #[test]
    fn the_screens_port_can_be_previewed() {
        let port: u32 = STREAM_PORT.parse().unwrap();
        let published: serde_json::Value = serde_json::from_str(PUBLISHED).unwrap();
        assert_eq!(published, serde_json::json!({ "port": port }));
        assert!((MIN_PORT..=MAX_PORT).contains(&port) && port != RESERVED_PORT);
    }
}

//! Where an archive's entries may go. An archive comes from a sandbox, in which anybody may have written it.

use alloc::vec::Vec;

/// The place of a name below the folder that is unpacked: its segments, with `/` between them. Empty for the folder itself,
/// None for a name that leads out of it.
///
/// `is_windows` refuses what Windows reads otherwise: `\`, drives and streams, devices, and what it drops at a name's end.
pub fn of_name(name: &[u8], is_windows: bool) -> Option<Vec<u8>> {
    let mut place: Vec<u8> = Vec::new();
    if name.is_empty() || name.starts_with(b"/") || name.contains(&0) {
        return None;
    }
    for segment in segments(name) {
        if segment == b".." || (is_windows && !suits_windows(segment)) {
            return None;
        }
        if !place.is_empty() {
            place.push(b'/');
        }
        place.extend_from_slice(segment);
    }
    Some(place)
}

/// Whether a symbolic link at that place leads to one within the folder.
///
/// It may go up as far as the folder itself, and only at its beginning: what comes after may be links, above which is
/// something else.
pub fn holds(place: &[u8], target: &[u8], is_windows: bool) -> bool {
    if target.is_empty() || target.starts_with(b"/") || target.contains(&0) {
        return false;
    }
    let mut above = segments(place).count().saturating_sub(1);
    let mut is_down = false;
    for segment in segments(target) {
        if segment == b".." {
            if is_down || above == 0 {
                return false;
            }
            above -= 1;
        } else if is_windows && !suits_windows(segment) {
            return false;
        } else {
            is_down = true;
        }
    }
    true
}

fn segments(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    let all = name.split(|&byte| byte == b'/');
    all.filter(|segment| !segment.is_empty() && *segment != b".")
}

fn suits_windows(segment: &[u8]) -> bool {
    let is_odd = |byte: &u8| *byte < b' ' || b"\\:*?\"<>|".contains(byte);
    if segment.iter().any(is_odd) || segment.ends_with(b".") || segment.ends_with(b" ") {
        return false;
    }
    let stem = segment.split(|&byte| byte == b'.').next();
    let mut stem = stem.unwrap_or_default().trim_ascii().to_ascii_uppercase();
    if stem.len() == 4 && stem.last().is_some_and(u8::is_ascii_digit) {
        stem.pop();
        return !matches!(&stem[..], b"COM" | b"LPT");
    }
    !matches!(&stem[..], b"CON" | b"PRN" | b"AUX" | b"NUL")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_below_the_folder() {
        for (name, place) in [
            (&b"a"[..], Some(&b"a"[..])),
            (b"./a//b/./c/", Some(b"a/b/c")),
            (b".", Some(b"")),
            (b"./", Some(b"")),
            (b"...", Some(b"...")),
            (b"a..b/..c", Some(b"a..b/..c")),
            (b"-rf", Some(b"-rf")),
            (b"\xff\n", Some(b"\xff\n")),
            (b"", None),
            (b"/", None),
            (b"/etc/passwd", None),
            (b"..", None),
            (b"a/../b", None),
            (b"a/..", None),
            (b"a\0b", None),
        ] {
            assert_eq!(of_name(name, false).as_deref(), place, "{name:?}");
        }
    }

    #[test]
    fn windows_reads_names_in_its_own_way() {
        for name in [
            "a\\b", "c:x", "a:stream", "nul", "Aux.txt", "com1", "LPT9.log", "a.", "a ", "a/CON/b",
            "a\tb", "a*",
        ] {
            assert!(of_name(name.as_bytes(), true).is_none(), "{name}");
            assert!(of_name(name.as_bytes(), false).is_some(), "{name}");
        }
        for name in ["a b", "com", "comma.txt", "console", ".git", "com12"] {
            assert!(of_name(name.as_bytes(), true).is_some(), "{name}");
        }
        assert!(!holds(b"a", b"..\\x", true));
    }

    #[test]
    fn links_lead_nowhere_else() {
        for (place, target) in [
            ("a", "b"),
            ("a", "./b/c"),
            ("a/b/c", "../../d"),
            ("a/b", ".."),
            ("a", "not there"),
        ] {
            assert!(
                holds(place.as_bytes(), target.as_bytes(), false),
                "{place} {target}"
            );
        }
        for (place, target) in [
            ("a", ""),
            ("a", "/etc/passwd"),
            ("a", ".."),
            ("a/b", "../.."),
            ("a/b/c", "../../../x"),
            // Were `b` a link to `a/b/c`, this would be elsewhere than it looks.
            ("a", "b/../c"),
        ] {
            assert!(
                !holds(place.as_bytes(), target.as_bytes(), false),
                "{place} {target}"
            );
        }
    }

    #[test]
    fn no_chain_of_links_leads_out() {
        // Every place of a small tree with a link of every form in it: where links that are allowed lead, step by step.
        let places: [&[&str]; 4] = [&["a"], &["b"], &["d", "a"], &["d", "e", "b"]];
        let targets = [
            "a", "b", "d", "..", "../a", "../..", "../b", "d/e", "d/e/b", "a/..", "../../d",
        ];
        let joined = |place: &[&str]| place.join("/").into_bytes();
        for first in targets {
            for second in targets {
                for third in targets {
                    let given = [first, second, third, "d"];
                    let links: Vec<(&[&str], &str)> = places
                        .into_iter()
                        .zip(given)
                        .filter(|(place, target)| holds(&joined(place), target.as_bytes(), false))
                        .collect();
                    for (place, target) in &links {
                        let mut here: Vec<&str> = place.to_vec();
                        here.pop();
                        let mut rest: Vec<&str> = target.split('/').rev().collect();
                        for _ in 0..100 {
                            let Some(segment) = rest.pop() else { break };
                            if segment == ".." {
                                assert!(here.pop().is_some(), "{links:?}");
                                continue;
                            }
                            here.push(segment);
                            if let Some((_, target)) =
                                links.iter().find(|(place, _)| *place == &here[..])
                            {
                                here.pop();
                                rest.extend(target.split('/').rev());
                            }
                        }
                    }
                }
            }
        }
    }
}

//! Which of several sandboxes with the same tags everybody takes who asks for one.

use crate::protocol::text::split_once;

/// Sandboxes that were made within so many milliseconds of each other are taken for those of callers that found none at
/// the same time.
const AT_ONCE_MS: u64 = 30_000;

/// The one to take of some sandboxes, by its place: of those that were made at once, the newest lot, it is the oldest.
/// Whoever made another of that lot sees this one as well, and so all agree without a word.
///
/// `matches` has a line for each: when it was created, in milliseconds; its state; its id. One that failed or was deleted
/// is not taken.
pub fn choose(matches: &str) -> Option<usize> {
    let mut chosen: Option<(u64, &str, usize)> = None;
    loop {
        // The youngest of those that are older than the one that is chosen so far.
        let mut older = None;
        let (mut rest, mut at) = (matches, 0);
        while !rest.is_empty() {
            let (line, after) = split_once(rest, b'\n').unwrap_or((rest, ""));
            rest = after;
            let (created_at, status, id) = facts(line);
            let one = Some((created_at, id, at));
            let is_live = !matches!(status, "failed" | "deleted");
            if is_live && (chosen.is_none() || one < chosen) && one > older {
                older = one;
            }
            at += 1;
        }
        match (older, chosen) {
            (Some(one), Some(chosen)) if chosen.0 - one.0 >= AT_ONCE_MS => return Some(chosen.2),
            (Some(_), _) => chosen = older,
            (None, _) => return chosen.map(|chosen| chosen.2),
        }
    }
}

fn facts(line: &str) -> (u64, &str, &str) {
    let (created_at, rest) = split_once(line, b' ').unwrap_or((line, ""));
    let (status, id) = split_once(rest, b' ').unwrap_or((rest, ""));
    let digits = created_at.bytes().filter(u8::is_ascii_digit);
    let created_at = digits.fold(0u64, |ms, digit| {
        ms.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'))
    });
    (created_at, status, id)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The id of the one that is taken, whatever order they come in.
    fn chosen(all: &[(&str, &str, f64)]) -> Option<String> {
        let mut all: Vec<_> = all.iter().collect();
        let mut take = || {
            let lines: Vec<String> = all
                .iter()
                .map(|(id, status, seconds)| {
                    format!(
                        "{} {status} {id}",
                        1_800_000_000_000 + (seconds * 1000.0) as i64
                    )
                })
                .collect();
            let id = choose(&lines.join("\n")).map(|at| all[at].0.to_owned());
            all.rotate_left(1);
            id
        };
        let first = take();
        for _ in 0..5 {
            assert_eq!(take(), first);
        }
        all.reverse();
        first
    }

    fn of(all: &[(&str, f64)]) -> Option<String> {
        let all: Vec<_> = all
            .iter()
            .map(|(id, seconds)| (*id, "active", *seconds))
            .collect();
        chosen(&all)
    }

    #[test]
    fn the_newest_of_those_that_are_apart() {
        assert_eq!(choose(""), None);
        assert_eq!(of(&[("a", 0.0)]).as_deref(), Some("a"));
        assert_eq!(of(&[("a", 0.0), ("b", 30.0)]).as_deref(), Some("b"));
        assert_eq!(
            of(&[("a", 0.0), ("b", 600.0), ("c", 60.0)]).as_deref(),
            Some("b")
        );
    }

    #[test]
    fn the_oldest_of_those_that_were_made_at_once() {
        assert_eq!(of(&[("a", 0.0), ("b", 29.9)]).as_deref(), Some("a"));
        assert_eq!(
            of(&[("b", 1.0), ("a", 1.0)]).as_deref(),
            Some("a"),
            "of one moment"
        );
        let chain = [("a", 0.0), ("b", 20.0), ("c", 40.0), ("d", 60.0)];
        assert_eq!(of(&chain).as_deref(), Some("a"));
        let before = [("old", -100.0), ("a", 0.0), ("b", 2.0), ("c", 3.0)];
        assert_eq!(of(&before).as_deref(), Some("a"));
    }

    #[test]
    fn nobody_takes_what_somebody_else_gives_up() {
        // Each sees its own, and all that are older.
        let lot = [("a", 0.0), ("b", 0.4), ("c", 9.0), ("d", 9.0)];
        for seen in 1..=lot.len() {
            assert_eq!(of(&lot[..seen]).as_deref(), Some("a"));
        }
    }

    #[test]
    fn what_failed_or_was_deleted_is_not_taken() {
        for status in ["active", "paused", "pausing", "starting", "something_new"] {
            assert_eq!(
                chosen(&[("a", status, 0.0)]).as_deref(),
                Some("a"),
                "{status}"
            );
        }
        for status in ["failed", "deleted"] {
            assert_eq!(chosen(&[("a", status, 0.0)]), None, "{status}");
            let all = [("a", "active", 0.0), ("b", status, 50.0)];
            assert_eq!(chosen(&all).as_deref(), Some("a"), "{status}");
        }
    }
}

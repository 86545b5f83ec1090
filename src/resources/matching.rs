//! Which of several sandboxes with the same tags everybody takes who asks for one.

use alloc::string::String;

/// Sandboxes that were made within so many milliseconds of each other are taken for those of callers that found none at
/// the same time.
const AT_ONCE_MS: f64 = 30_000.0;

/// A sandbox that has the tags.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    /// When it was created, in milliseconds.
    pub created_at: f64,
    /// Its id.
    pub id: String,
    /// Its state.
    pub status: String,
}

impl Match {
    /// Whether it can be used, or will be.
    pub fn is_live(&self) -> bool {
        !matches!(&*self.status, "failed" | "deleted")
    }

    /// Whether it is older than another; of two of the same moment, the ids tell.
    fn is_before(&self, other: &Self) -> bool {
        (self.created_at, &self.id) < (other.created_at, &other.id)
    }
}

/// The one to take: of those that were made at once, the newest lot, it is the oldest. Whoever made another of that lot
/// sees this one as well, and so all agree without a word.
pub fn choose(matches: &[Match]) -> Option<&Match> {
    let mut chosen: Option<&Match> = None;
    loop {
        let older = matches
            .iter()
            .filter(|one| chosen.is_none_or(|chosen| one.is_before(chosen)))
            .reduce(|one, other| if one.is_before(other) { other } else { one });
        let is_apart = |one: &&Match| {
            chosen.is_none_or(|chosen| chosen.created_at - one.created_at < AT_ONCE_MS)
        };
        match older.filter(is_apart) {
            Some(one) => chosen = Some(one),
            None => return chosen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(seconds: &[(&str, f64)]) -> Vec<Match> {
        let all = seconds.iter().map(|(id, seconds)| Match {
            created_at: seconds * 1000.0,
            id: (*id).into(),
            status: "active".into(),
        });
        all.collect()
    }

    fn chosen(seconds: &[(&str, f64)]) -> Option<String> {
        // Whatever order they come in.
        let mut matches = all(seconds);
        let first = choose(&matches).cloned();
        for _ in 0..matches.len() {
            matches.rotate_left(1);
            assert_eq!(choose(&matches), first.as_ref());
        }
        matches.reverse();
        assert_eq!(choose(&matches), first.as_ref());
        first.map(|one| one.id)
    }

    #[test]
    fn the_newest_of_those_that_are_apart() {
        assert_eq!(chosen(&[]), None);
        assert_eq!(chosen(&[("a", 0.0)]).as_deref(), Some("a"));
        assert_eq!(chosen(&[("a", 0.0), ("b", 30.0)]).as_deref(), Some("b"));
        assert_eq!(
            chosen(&[("a", 0.0), ("b", 600.0), ("c", 60.0)]).as_deref(),
            Some("b")
        );
    }

    #[test]
    fn the_oldest_of_those_that_were_made_at_once() {
        assert_eq!(chosen(&[("a", 0.0), ("b", 29.9)]).as_deref(), Some("a"));
        assert_eq!(
            chosen(&[("b", 1.0), ("a", 1.0)]).as_deref(),
            Some("a"),
            "of one moment"
        );
        let chain = [("a", 0.0), ("b", 20.0), ("c", 40.0), ("d", 60.0)];
        assert_eq!(chosen(&chain).as_deref(), Some("a"));
        let before = [("old", -100.0), ("a", 0.0), ("b", 2.0), ("c", 3.0)];
        assert_eq!(chosen(&before).as_deref(), Some("a"));
    }

    #[test]
    fn nobody_takes_what_somebody_else_gives_up() {
        // Each sees its own, and all that are older: what the last of them takes, all who see it take.
        let lot = all(&[("a", 0.0), ("b", 0.4), ("c", 9.0), ("d", 9.0)]);
        for seen in 1..=lot.len() {
            assert_eq!(choose(&lot[..seen]).unwrap().id, "a");
        }
    }

    #[test]
    fn what_is_live() {
        let mut one = all(&[("a", 0.0)]).remove(0);
        for status in ["active", "paused", "pausing", "starting", "something_new"] {
            one.status = status.into();
            assert!(one.is_live(), "{status}");
        }
        for status in ["failed", "deleted"] {
            one.status = status.into();
            assert!(!one.is_live(), "{status}");
        }
    }
}

//! Lists that are read page by page.

/// A page of a list that is read by offsets, and what is known of the list.
///
/// Each page after the first begins with the last item of the one before, so that a list that shifts under way shows it.
/// The numbers are JavaScript's.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// How many items of the list are before it.
    pub offset: f64,
    /// How many it was to have; two at least.
    pub limit: f64,
    /// How many it has.
    pub count: f64,
    /// Whether a page had its first item before.
    pub is_joined: bool,
    /// How many pages in a row, this one included, had no item that was new.
    pub barren: f64,
    /// How many the whole list has; not a number where nobody said.
    pub total: f64,
}

/// So many full pages without a new item are the end where nobody says how long the list is: a service that takes no notice
/// of offsets gives the same page for ever.
const MOST_BARREN: f64 = 100.0;

impl Page {
    /// The offset of the next page, or `None` at the list's end. A smaller one says that items before this page went away,
    /// so that others may have slipped past: this page is to be read again after those.
    pub fn next(&self) -> Option<f64> {
        let step = self.limit - 1.0;
        if self.offset > 0.0 && !self.is_joined {
            return Some((self.offset - step).max(0.0));
        }
        let is_short = self.count < self.limit;
        let is_last = self.offset + self.count >= self.total
            || is_short && self.barren > 0.0
            || self.total.is_nan() && self.barren >= MOST_BARREN;
        // A short page need not be the last: the service may give fewer than it was asked for.
        let overlap = if self.count > 1.0 { 1.0 } else { 0.0 };
        (!is_last).then_some(self.offset + self.count - overlap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reader has of a list when it is through. `change` is called before each page but the first.
    fn read(
        mut list: Vec<u32>,
        limit: usize,
        most: usize,
        tells_total: bool,
        change: &mut dyn FnMut(&mut Vec<u32>, usize),
    ) -> (Vec<u32>, usize) {
        let (mut seen, mut offset, mut pages) = (Vec::new(), 0, 0);
        let mut barren = 0.0;
        loop {
            if pages > 0 {
                change(&mut list, pages);
            }
            pages += 1;
            assert!(pages < 1000, "it comes to an end");
            let page: Vec<u32> = list
                .iter()
                .skip(offset)
                .take(limit.min(most))
                .copied()
                .collect();
            let fresh: Vec<u32> = page
                .iter()
                .filter(|one| !seen.contains(*one))
                .copied()
                .collect();
            barren = if fresh.is_empty() { barren + 1.0 } else { 0.0 };
            let next = Page {
                offset: offset as f64,
                limit: limit as f64,
                count: page.len() as f64,
                barren,
                is_joined: page.first().is_some_and(|one| seen.contains(one)),
                total: if tells_total {
                    list.len() as f64
                } else {
                    f64::NAN
                },
            };
            match next.next() {
                Some(next) if (next as usize) < offset => offset = next as usize,
                next => {
                    seen.extend(fresh);
                    match next {
                        Some(next) => offset = next as usize,
                        None => return (seen, pages),
                    }
                }
            }
        }
    }

    #[test]
    fn a_service_that_takes_no_notice_of_offsets_gives_an_end() {
        let mut page = Page {
            offset: 0.0,
            limit: 2.0,
            count: 2.0,
            is_joined: false,
            barren: 0.0,
            total: f64::NAN,
        };
        let mut pages = 0;
        while let Some(offset) = page.next() {
            page = Page {
                offset,
                is_joined: true,
                barren: page.barren + 1.0,
                ..page
            };
            pages += 1;
            assert!(pages < 200);
        }
    }

    #[test]
    fn a_list_that_stays_is_read_once() {
        for length in 0..30 {
            for limit in 2..8 {
                for tells_total in [true, false] {
                    let list: Vec<u32> = (0..length).collect();
                    let (seen, _) = read(list.clone(), limit, 1000, tells_total, &mut |_, _| {});
                    assert_eq!(seen, list, "{length} by {limit}");
                }
            }
        }
        let pages = |length, limit, tells_total| {
            read(
                (0..length).collect(),
                limit,
                1000,
                tells_total,
                &mut |_, _| {},
            )
            .1
        };
        assert_eq!(pages(0, 100, true), 1);
        assert_eq!(pages(0, 100, false), 1);
        assert_eq!(pages(100, 100, true), 1);
        assert_eq!(pages(199, 100, true), 2);
        assert_eq!(
            pages(30, 100, false),
            2,
            "nobody says that there are no more"
        );
    }

    #[test]
    fn a_service_that_gives_fewer_than_it_was_asked_for() {
        for most in 2..10 {
            for tells_total in [true, false] {
                let list: Vec<u32> = (0..25).collect();
                let (seen, _) = read(list.clone(), 100, most, tells_total, &mut |_, _| {});
                assert_eq!(seen, list, "{most}");
            }
        }
    }

    #[test]
    fn what_goes_away_or_comes_loses_and_doubles_nothing() {
        for limit in 2..7 {
            for at in 0..24 {
                for many in 1..9 {
                    for when in 1..6 {
                        for tells_total in [true, false] {
                            let list: Vec<u32> = (0..24).collect();
                            let gone: Vec<u32> = (at..(at + many).min(24)).collect();
                            let mut remove = |list: &mut Vec<u32>, page: usize| {
                                if page == when {
                                    list.retain(|one| !gone.contains(one));
                                }
                            };
                            let (seen, _) =
                                read(list.clone(), limit, 1000, tells_total, &mut remove);
                            for one in list.iter().filter(|one| !gone.contains(*one)) {
                                let times = seen.iter().filter(|other| *other == one).count();
                                assert_eq!(times, 1, "{one} of {seen:?} without {gone:?}");
                            }
                            let mut insert = |list: &mut Vec<u32>, page: usize| {
                                if page == when {
                                    for new in 100..100 + many {
                                        list.insert((at as usize).min(list.len()), new);
                                    }
                                }
                            };
                            let (seen, _) =
                                read(list.clone(), limit, 1000, tells_total, &mut insert);
                            for one in &list {
                                let times = seen.iter().filter(|other| *other == one).count();
                                assert_eq!(times, 1, "{one} of {seen:?} with {many} at {at}");
                            }
                            assert!((100..100 + many).all(|new| {
                                seen.iter().filter(|other| **other == new).count() <= 1
                            }));
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn all_that_was_read_goes_away() {
        let mut clear = |list: &mut Vec<u32>, page: usize| {
            if page == 2 {
                list.retain(|one| *one >= 20);
            }
        };
        let (seen, _) = read((0..40).collect(), 5, 1000, true, &mut clear);
        assert!((20..40).all(|one| seen.contains(&one)), "{seen:?}");
    }
}

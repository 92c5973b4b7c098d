//! Paging through a list: which page comes next, and when it is enough. Decides only; asks nobody.

use std::collections::HashSet;

/// Most pages of one listing.
pub(super) const PAGES_MAX: usize = 10_000;
/// Most pages in a row without anything new: some registries send pages with nothing but what does not
/// belong there, and one that goes on like that has no end.
pub(super) const IDLE_PAGES_MAX: usize = 20;

/// The pages of one listing that were read.
#[derive(Debug)]
pub(super) struct Paging {
    of: Things,
    pages_max: usize,
    /// The queries of all but the first.
    read: HashSet<String>,
    found: usize,
    idle_pages: usize,
}

/// What a list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Things {
    /// What they are called, more than one of them.
    pub(super) noun: &'static str,
    /// Most of them in one list.
    pub(super) most: usize,
}

/// What comes after a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The page with this query.
    Page(String),
    /// Nothing: that was the last.
    End,
    /// Nothing: the next was read before, and the links lead in a circle.
    Circle,
    /// Nothing: there are more pages than were asked for.
    Enough,
    /// Nothing: the list does not end; in words.
    Endless(String),
}

impl Paging {
    /// For at most `pages_max` pages.
    pub(super) fn new(of: Things, pages_max: usize) -> Self {
        Self { of, pages_max, read: HashSet::new(), found: 0, idle_pages: 0 }
    }

    /// What comes after a page that links to the one with `query`, when so many different things were
    /// found on all pages that were read.
    pub(super) fn after(&mut self, query: Option<String>, found: usize) -> Next {
        self.idle_pages = if found > self.found { 0 } else { self.idle_pages + 1 };
        self.found = found;
        let Some(query) = query else { return Next::End };
        if !self.read.insert(query.clone()) {
            return Next::Circle;
        }
        let (pages, idle_pages) = (self.read.len(), self.idle_pages);
        let Things { noun, most } = self.of;
        if found > most || pages >= PAGES_MAX || idle_pages > IDLE_PAGES_MAX {
            return Next::Endless(format!(
                "the list of {noun} does not end: {found} {noun} on {pages} pages, and nothing new on the last {idle_pages}"
            ));
        }
        if pages >= self.pages_max { Next::Enough } else { Next::Page(query) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::laws;
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    const MOST: usize = 1_000_000;
    const TAGS: Things = Things { noun: "tags", most: MOST };

    /// Reads until it is enough: after each page the links and new tags of `pages`, again and again. The
    /// queries that were asked for, and how it ended.
    fn read(pages: &[(Option<usize>, usize)], pages_max: usize) -> (Vec<String>, Next) {
        let (mut paging, mut tags, mut asked) = (Paging::new(TAGS, pages_max), 0, Vec::new());
        for (link, new_tags) in pages.iter().cycle() {
            tags += new_tags;
            // A link of 9 and more leads on for ever.
            let query =
                link.map(|link| if link < 9 { link.to_string() } else { format!("n{}", asked.len()) });
            match paging.after(query, tags) {
                Next::Page(query) => asked.push(query),
                end => return (asked, end),
            }
        }
        unreachable!("some page is the first")
    }

    #[test]
    fn it_ends_whatever_the_links_are() {
        let page = (option::weighted(0.9, 0_usize..30), prop_oneof![Just(0_usize), Just(1), 0..MOST / 4]);
        laws::hold((vec(page, 1..40), 1..2 * PAGES_MAX), |(pages, pages_max)| {
            let (asked, end) = read(&pages, pages_max);
            let mut once = asked.clone();
            once.sort();
            once.dedup();
            prop_assert_eq!(once.len(), asked.len(), "no page is asked for twice");
            // The first page has no query.
            prop_assert!(asked.len() < pages_max.min(PAGES_MAX), "{} {end:?}", asked.len());
            Ok(())
        });
    }

    #[test]
    fn each_way_to_end_is_told_apart() {
        let on = |new_tags| [(Some(9), new_tags)];
        assert_eq!(read(&[(None, 3)], 5).1, Next::End);
        assert_eq!(read(&[(Some(1), 1)], 5), (vec!["1".to_owned()], Next::Circle));
        assert_eq!(read(&on(1), 3), (vec!["n0".to_owned(), "n1".to_owned()], Next::Enough));
        let (asked, end) = read(&on(0), PAGES_MAX);
        assert!(
            matches!(&end, Next::Endless(why) if why.ends_with("0 tags on 21 pages, and nothing new on the last 21")),
            "{end:?}"
        );
        assert_eq!(asked.len(), IDLE_PAGES_MAX);
        assert!(
            matches!(read(&on(1), usize::MAX), (asked, Next::Endless(_)) if asked.len() == PAGES_MAX - 1)
        );
        assert!(matches!(read(&on(MOST), usize::MAX), (asked, Next::Endless(_)) if asked.len() == 1));
    }
}

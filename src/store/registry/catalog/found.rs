//! What the pages of a catalog came to, and whether that is all of it. Decides only; asks nobody.

use super::page::{Ask, Next, Told};
use crate::failure::Code;
use crate::oci::Area;
use crate::store::registry::strays::Strays;
use std::collections::{BTreeSet, HashSet};

/// Most pages of one catalog, as of one list of tags.
const PAGES_MAX: usize = 10_000;
/// Most names of one catalog, those that nobody asked for among them: some registries can only be asked for
/// all. Each is held while the catalog is read.
const NAMES_MAX: usize = 250_000;
/// Most repositories of one rule: each becomes a rule of its own.
const REPOSITORIES_MAX: usize = 100_000;
/// Most pages in a row without a name that is new: what goes on like that has no end.
const IDLE_PAGES_MAX: usize = 20;
/// Longest name that is told from others, in bytes: longer ones are no names of repositories anyway.
const NAME_BYTES_MAX: usize = 512;

/// What was read so far.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Every name, also those outside the area and those that break the grammar.
    all: HashSet<String>,
    /// Names in the area that can be asked for.
    taken: BTreeSet<String>,
    /// Names that break the grammar.
    pub(super) foreign: Strays,
    asked: HashSet<Ask>,
    idle_pages: usize,
    is_probe: bool,
    /// How many there are, as it was told last: some count on pages that have something only.
    total: Option<usize>,
}

/// What is to be done after a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum After {
    /// Another page is asked for.
    Page(Ask),
    /// That is all.
    Whole,
    /// The list ended before it told all that it said there is: it may have changed meanwhile.
    Short(String),
    /// It is no list, or none that ends; with the code of the failure.
    Wrong(Code, String),
}

impl Found {
    /// Nothing yet, and the first page was asked for.
    pub(super) fn new(first: &Ask) -> Self {
        Self { asked: HashSet::from([first.clone()]), ..Self::default() }
    }

    /// Takes what a page says, and tells what comes next.
    pub(super) fn take(&mut self, told: Told, area: &Area) -> After {
        let before = self.all.len();
        self.total = told.total.or(self.total);
        told.names.into_iter().for_each(|name| self.add(name, area));
        let is_new = self.all.len() > before;
        self.idle_pages = if is_new { 0 } else { self.idle_pages + 1 };
        let was_probe = std::mem::take(&mut self.is_probe);
        let (names, pages) = (self.all.len(), self.asked.len());
        if names > NAMES_MAX {
            return After::Wrong(Code::LimitExceeded, format!("the catalog has more than {NAMES_MAX} names"));
        }
        if self.taken.len() > REPOSITORIES_MAX {
            let message = format!("there are more than {REPOSITORIES_MAX} repositories");
            return After::Wrong(Code::LimitExceeded, message);
        }
        let next = match told.next {
            // What the page before was in doubt about.
            Next::Page(_) | Next::Unsure(_) if was_probe && !is_new => return self.ended(),
            Next::End => return self.ended(),
            Next::Page(next) => next,
            Next::Unsure(next) => {
                self.is_probe = true;
                next
            }
        };
        if !self.asked.insert(next.clone()) {
            let message = format!("its pages lead in a circle: {names} names on {pages} pages");
            return After::Wrong(Code::Protocol, message);
        }
        if pages >= PAGES_MAX || self.idle_pages > IDLE_PAGES_MAX {
            let message = format!("the catalog does not end: {names} names on {pages} pages");
            return After::Wrong(Code::LimitExceeded, message);
        }
        After::Page(next)
    }

    fn add(&mut self, name: Option<String>, area: &Area) {
        let Some(mut name) = name else { return self.foreign.add("null") };
        if name.len() > NAME_BYTES_MAX {
            let end = (0..=NAME_BYTES_MAX).rev().find(|at| name.is_char_boundary(*at)).unwrap_or_default();
            name.truncate(end);
        }
        if !self.all.insert(name.clone()) {
            return;
        }
        match area.repository(&name) {
            Err(_) => self.foreign.add(&name),
            Ok(_) if area.below(&name).is_some() => drop(self.taken.insert(name)),
            Ok(_) => {}
        }
    }

    fn ended(&self) -> After {
        match self.total {
            Some(total) if self.all.len() < total => {
                After::Short(format!("the catalog ended after {} of {total} repositories", self.all.len()))
            }
            _ => After::Whole,
        }
    }

    /// The names in the area, sorted.
    pub(super) fn into_names(self) -> Vec<String> {
        self.taken.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::page::tests::names;
    use super::*;

    fn area() -> Area {
        "r.test/team/**".parse().expect("an area")
    }

    fn page(number: usize) -> Ask {
        Ask::get("/v2/_catalog", &[("page", &number.to_string())])
    }

    fn told(list: &[&str], total: Option<usize>, next: Next) -> Told {
        Told { names: names(list), total, next }
    }

    #[test]
    fn only_names_of_the_area_are_taken_and_only_those_that_can_be_asked_for() {
        let mut found = Found::new(&page(1));
        let mut list = told(
            &["team/b", "team/a", "other/a", "team", "../team/x", "team/../x", "team/A"],
            None,
            Next::End,
        );
        list.names.push(None);
        assert_eq!(found.take(list, &area()), After::Whole);
        assert_eq!(found.foreign.count, 4, "{:?}", found.foreign);
        assert_eq!(found.foreign.for_example, ["../team/x", "team/../x", "team/A"]);
        assert_eq!(found.into_names(), ["team/a", "team/b"]);
    }

    #[test]
    fn a_list_that_ends_early_is_short_and_never_whole() {
        let ended =
            |list: &[&str], total| Found::new(&page(1)).take(told(list, Some(total), Next::End), &area());
        assert_eq!(ended(&["team/a", "team/b"], 2), After::Whole);
        assert_eq!(ended(&["team/a", "team/b"], 1), After::Whole);
        assert_eq!(
            ended(&["team/a", "team/a"], 2),
            After::Short("the catalog ended after 1 of 2 repositories".to_owned())
        );
    }

    #[test]
    fn pages_that_lead_in_a_circle_are_no_list() {
        let mut found = Found::new(&page(1));
        assert_eq!(found.take(told(&["team/a"], None, Next::Page(page(2))), &area()), After::Page(page(2)));
        let after = found.take(told(&["team/b"], None, Next::Page(page(1))), &area());
        assert!(matches!(&after, After::Wrong(Code::Protocol, why) if why.contains("circle")), "{after:?}");
    }

    #[test]
    fn a_list_in_doubt_ends_with_a_page_that_tells_nothing_new() {
        let mut found = Found::new(&page(1));
        let doubt = |number| Next::Unsure(page(number));
        assert_eq!(found.take(told(&["team/a"], None, doubt(2)), &area()), After::Page(page(2)));
        assert_eq!(
            found.take(told(&["team/b"], None, doubt(3)), &area()),
            After::Page(page(3)),
            "it was cut"
        );
        // A registry that begins again at the start.
        assert_eq!(found.take(told(&["team/a"], None, doubt(4)), &area()), After::Whole);
        assert_eq!(found.into_names(), ["team/a", "team/b"]);
    }

    #[test]
    fn a_catalog_without_an_end_is_left() {
        let endless = |list: fn(usize) -> String| {
            let mut found = Found::new(&page(1));
            (2..).find_map(|number| {
                let name = list(number);
                match found.take(told(&[&name], None, Next::Page(page(number))), &area()) {
                    After::Page(_) => None,
                    end => Some((number, end)),
                }
            })
        };
        let (pages, end) = endless(|_| "team/a".to_owned()).expect("it ends");
        assert!(matches!(end, After::Wrong(Code::LimitExceeded, _)), "{end:?}");
        assert_eq!(pages, IDLE_PAGES_MAX + 3);
        let (pages, _) = endless(|number| format!("team/a{number}")).expect("it ends");
        assert_eq!(pages, PAGES_MAX + 1);
    }

    #[test]
    fn a_catalog_may_be_large_and_not_too_large() {
        let many = |area: &str, count: usize| {
            let names = (0..count).map(|number| Some(format!("team/a{number}"))).collect();
            let told = Told { names, total: None, next: Next::End };
            Found::new(&page(1)).take(told, &area.parse().expect("an area"))
        };
        assert_eq!(many("r.test/team/**", REPOSITORIES_MAX), After::Whole);
        for (area, count) in [("r.test/team/**", REPOSITORIES_MAX + 1), ("r.test/other/**", NAMES_MAX + 1)] {
            let after = many(area, count);
            assert!(matches!(after, After::Wrong(Code::LimitExceeded, _)), "{after:?}");
        }
    }
}

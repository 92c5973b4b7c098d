//! One page of a sorted list, and where the next one begins. distribution-spec, "Listing Tags". Values only.

use super::answer::Refusal;
use url::form_urlencoded;

/// Most names on a page, whatever was asked for: a page of tags has at most 1.3 MB.
pub(super) const PAGE_NAMES_MAX: usize = 10_000;

/// Which part of a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    /// How many names.
    names_max: usize,
    /// After which; it needs not be in the list.
    last: Option<String>,
}

/// The value of a parameter of a query.
pub(super) fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
}

impl Page {
    /// Reads `n` and `last`.
    ///
    /// # Errors
    /// `n` is no number.
    pub(super) fn of(query: Option<&str>) -> Result<Self, Refusal> {
        let names_max = match parameter(query, "n") {
            None => PAGE_NAMES_MAX,
            Some(text) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse().unwrap_or(PAGE_NAMES_MAX).min(PAGE_NAMES_MAX)
            }
            Some(_) => return Err(Refusal::page_invalid()),
        };
        Ok(Self { names_max, last: parameter(query, "last").filter(|last| !last.is_empty()) })
    }

    /// The names of the page, and the query that asks for the next one; none where this is the last.
    pub(super) fn cut<'a>(&self, sorted: impl Iterator<Item = &'a str>) -> (Vec<&'a str>, Option<String>) {
        let after = |name: &&str| self.last.as_deref().is_none_or(|last| **name > *last);
        let mut rest = sorted.filter(after);
        let names: Vec<&str> = rest.by_ref().take(self.names_max).collect();
        // A page of nothing ends the list: no name would say where the next one begins.
        let next = names.last().filter(|_| rest.next().is_some()).map(|last| {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.append_pair("n", &self.names_max.to_string()).append_pair("last", last);
            query.finish()
        });
        (names, next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: [&str; 5] = ["a", "b", "c/d", "c/e", "f"];

    fn cut(query: &str) -> (String, Option<String>) {
        let (names, next) = Page::of(Some(query)).expect("a page").cut(NAMES.into_iter());
        (names.join(" "), next)
    }

    #[test]
    fn pages_follow_each_other_to_the_end() {
        assert_eq!(cut(""), ("a b c/d c/e f".to_owned(), None));
        assert_eq!(cut("n=2"), ("a b".to_owned(), Some("n=2&last=b".to_owned())));
        assert_eq!(cut("n=2&last=b"), ("c/d c/e".to_owned(), Some("n=2&last=c%2Fe".to_owned())));
        assert_eq!(cut("n=2&last=c%2Fe"), ("f".to_owned(), None));
        assert_eq!(cut("n=5"), ("a b c/d c/e f".to_owned(), None));
        assert_eq!(cut("last=bb"), ("c/d c/e f".to_owned(), None), "a name that is not there");
        assert_eq!(cut("n=2&last=z"), (String::new(), None));
        assert_eq!(cut("n=0"), (String::new(), None));
        assert_eq!(cut("n=99999999999999999999").0, "a b c/d c/e f");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for query in ["n=-1", "n=", "n=2x", "n=+2", "n=%00"] {
            assert!(Page::of(Some(query)).is_err(), "{query}");
        }
    }

    #[test]
    fn a_page_has_an_end_whatever_is_asked_for() {
        let names: Vec<String> = (0..PAGE_NAMES_MAX + 1).map(|at| format!("{at:06}")).collect();
        for query in [None, Some("n=1000000")] {
            let (page, next) = Page::of(query).expect("a page").cut(names.iter().map(String::as_str));
            assert_eq!((page.len(), next.is_some()), (PAGE_NAMES_MAX, true));
        }
    }
}

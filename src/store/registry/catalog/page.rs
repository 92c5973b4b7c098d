//! What a catalog is asked, and what one page of it says. Asks nobody.

use crate::store::registry::tags::next_query;
use reqwest::header::HeaderMap;
use url::form_urlencoded::Serializer;

/// One request for a page.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Ask {
    /// The path, encoded; or the name of a method, of a service that has methods.
    pub(super) path: String,
    /// The query, encoded.
    pub(super) query: String,
    /// What a method is given.
    pub(super) body: String,
}

/// A page, as it was answered.
pub(super) struct Page<'a> {
    pub(super) ask: &'a Ask,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
}

/// What a page says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// Names of repositories, with all of their path; none for one without a name.
    pub(super) names: Vec<Option<String>>,
    /// How many there are on all pages.
    pub(super) total: Option<usize>,
    pub(super) next: Next,
}

/// What comes after a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Another page.
    Page(Ask),
    /// Nothing.
    End,
    /// Nothing that is told of. The page is as long as a limit would make it, so this is asked to be sure.
    Unsure(Ask),
}

/// How a registry tells which repositories it has. Decides only.
pub(super) trait Catalog: Send + Sync {
    /// The first page; where there is no such thing, the next of these is the first.
    fn begin(&self) -> Vec<Ask>;

    /// What a page says; the error completes the phrase "the catalog cannot be read: …".
    fn read(&self, page: &Page<'_>) -> Result<Told, String>;
}

impl Ask {
    pub(super) fn get(path: impl Into<String>, pairs: &[(&str, &str)]) -> Self {
        let query = Serializer::new(String::new()).extend_pairs(pairs).finish();
        Self { path: path.into(), query, body: String::new() }
    }

    /// The same with another query.
    pub(super) fn with_query(&self, query: impl Into<String>) -> Self {
        Self { query: query.into(), ..self.clone() }
    }

    /// The same with other parameters.
    pub(super) fn with(&self, pairs: &[(&str, &str)]) -> Self {
        self.with_query(Serializer::new(String::new()).extend_pairs(pairs).finish())
    }

    /// The number of the page that is asked for, where pages are numbered from 1.
    pub(super) fn number(&self) -> usize {
        let mut pairs = url::form_urlencoded::parse(self.query.as_bytes());
        pairs.find(|(key, _)| key == "page").and_then(|(_, value)| value.parse().ok()).unwrap_or(1)
    }
}

impl Page<'_> {
    /// A number in a header.
    pub(super) fn number(&self, header: &str) -> Option<usize> {
        self.text(header)?.trim().parse().ok()
    }

    pub(super) fn text(&self, header: &str) -> Option<&str> {
        self.headers.get(header)?.to_str().ok()
    }

    /// The page that the header `Link` leads to: only its query is taken, as for tags.
    pub(super) fn linked(&self) -> Option<Ask> {
        next_query(self.headers).map(|query| self.ask.with_query(query))
    }

    /// The body as JSON.
    pub(super) fn json<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, String> {
        serde_json::from_slice(self.body).map_err(|why| why.to_string())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    /// What a catalog reads in a page with these headers.
    pub fn read(
        catalog: &dyn Catalog,
        ask: &Ask,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Result<Told, String> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
            map.append(name, HeaderValue::from_str(value).expect("a value"));
        }
        catalog.read(&Page { ask, headers: &map, body: body.as_bytes() })
    }

    /// Names that are there.
    pub fn names(names: &[&str]) -> Vec<Option<String>> {
        names.iter().map(|name| Some((*name).to_owned())).collect()
    }
}

//! Reads a catalog from its first page to its last, or fails: a part of it is nothing.

use super::found::{After, Found};
use super::page::{Ask, Catalog, Page};
use super::way::{Absence, Answered, Way};
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::Area;
use crate::store::registry::strays::Strays;

/// How often a list is read that ends early: repositories may be deleted while it is read.
const READINGS_MAX: u32 = 2;

/// The names in `area`, sorted, each once.
pub(super) async fn whole(catalog: &dyn Catalog, way: &Way, area: &Area) -> Fallible<Vec<String>> {
    let mut reading = 1;
    loop {
        match once(catalog, way, area).await? {
            Ok(found) => {
                if found.foreign.count > 0 {
                    let Strays { count, for_example } = &found.foreign;
                    // As Rust writes texts: what is not legible is shown by its number.
                    tracing::warn!(%area, names = count, ?for_example, "the catalog has names that are no repositories");
                }
                return Ok(found.into_names());
            }
            Err(short) if reading >= READINGS_MAX => return Err(short),
            Err(short) => {
                tracing::debug!(%area, %short, "reading the catalog again");
                reading += 1;
            }
        }
    }
}

/// One reading; the inner failure is that the list was short.
async fn once(catalog: &dyn Catalog, way: &Way, area: &Area) -> Fallible<Result<Found, Box<Failure>>> {
    let (mut ask, mut page) = first(catalog, way, area).await?;
    let mut found = Found::new(&ask);
    loop {
        let told = catalog.read(&Page { ask: &ask, headers: &page.headers, body: &page.body });
        let told =
            told.map_err(|why| page.failure(Code::Protocol, format!("the catalog cannot be read: {why}")))?;
        match found.take(told, area) {
            After::Whole => return Ok(Ok(found)),
            After::Short(why) => return Ok(Err(page.failure(Code::Protocol, why))),
            After::Wrong(code, why) => return Err(page.failure(code, why)),
            After::Page(next) => {
                ask = next;
                page = match way.page(&ask, Absence::Failure).await? {
                    Some(page) => page,
                    None => {
                        return Err(
                            page.failure(Code::Protocol, "a page of the catalog is not there".to_owned())
                        );
                    }
                };
            }
        }
    }
}

/// The first page of the first list that is there.
async fn first(catalog: &dyn Catalog, way: &Way, area: &Area) -> Fallible<(Ask, Answered)> {
    for ask in catalog.begin() {
        if let Some(page) = way.page(&ask, Absence::Told).await? {
            return Ok((ask, page));
        }
    }
    let message = "the registry lists no repositories there";
    Err(Failure::new(Code::NotFound, area, Operation::Catalog, message).hint(
        "check the name, and what the credential may see; not every registry has a list, and `profile` in its \
         entry under `registries` says which kind it is",
    ))
}

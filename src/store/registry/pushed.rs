//! Tags in the order in which they were pushed, where the API of a cloud tells that.

use super::repository::RegistryRepository;
use crate::failure::{Code, Failure, Fallible, Operation};
use crate::oci::{RegistryKind, Tag};
use serde::Deserialize;
use serde_json::json;

/// Tencent Cloud TCR API, "DescribeImagePersonal".
const METHOD: &str = "DescribeImagePersonal";
/// Tags on a page: the most that it gives.
const PAGE_TAGS: usize = 100;
/// Most tags of one repository, as of one list of tags at this registry.
const TAGS_MAX: usize = 100_000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    data: Option<Page>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    tag_count: usize,
    tag_info: Option<Vec<Item>>,
}

/// A tag, and when it was pushed: times are texts that are sorted as they are.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    tag_name: String,
    push_time: Option<String>,
    update_time: Option<String>,
}

impl RegistryRepository {
    /// The tags, the one that was pushed last first; none where nobody tells.
    ///
    /// # Errors
    /// The API refuses, or does not tell all.
    pub(super) async fn list_pushed(&self) -> Fallible<Option<Vec<Tag>>> {
        if self.account.host.profile.kind() != RegistryKind::Ccr {
            return Ok(None);
        }
        let place = |mut failure: Box<Failure>| {
            failure.operation = Operation::TagList;
            failure.repository = self.repository.to_string();
            failure
        };
        let fail = |code, message: String| Failure::new(code, &self.repository, Operation::TagList, message);
        let Some(service) = self.account.service.clone().map_err(place)? else {
            let message = "Tencent Cloud tells when tags were pushed for keys of the account only";
            return Err(fail(Code::CredentialUnavailable, message.to_owned()).hint(
                "set TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY, or write `cloud_keys` for it under \
                 `registries`",
            ));
        };
        let mut items: Vec<Item> = Vec::new();
        loop {
            let body = json!({ "RepoName": self.path.as_str(), "Offset": items.len(), "Limit": PAGE_TAGS });
            let answer = service.call(METHOD, &body.to_string(), "list the tags").await.map_err(place)?;
            let page = serde_json::from_slice::<Answer>(&answer).ok().and_then(|answer| answer.data);
            let Some(Page { tag_count, tag_info }) = page else {
                return Err(fail(Code::Protocol, "the list of tags is not what it should be".to_owned()));
            };
            let more = tag_info.unwrap_or_default();
            let ended = more.is_empty();
            items.extend(more);
            if items.len() > TAGS_MAX {
                return Err(fail(Code::LimitExceeded, format!("there are more than {TAGS_MAX} tags")));
            }
            match items.len() >= tag_count {
                true => break,
                false if ended => {
                    let message = format!("the list ended after {} of {tag_count} tags", items.len());
                    return Err(fail(Code::Protocol, message));
                }
                false => {}
            }
        }
        let tags = sorted(items);
        tags.map(Some).ok_or_else(|| fail(Code::Protocol, "it is not told when tags were pushed".to_owned()))
    }
}

/// The tags by their times, the last first. One kind of time for all: when they were pushed, or else when they
/// were changed; none when some have neither.
fn sorted(items: Vec<Item>) -> Option<Vec<Tag>> {
    let pushed = items.iter().all(|item| item.push_time.as_ref().is_some_and(|time| !time.is_empty()));
    let timed = |item: Item| {
        let time = if pushed { item.push_time } else { item.update_time };
        Some((time.filter(|time| !time.is_empty())?, item.tag_name))
    };
    let mut timed: Vec<(String, String)> = items.into_iter().map(timed).collect::<Option<_>>()?;
    timed.sort_by(|one, other| other.cmp(one));
    // What is no tag cannot be asked for, and is in no list either.
    Some(timed.into_iter().filter_map(|(_, tag)| tag.parse().ok()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(items: &[(&str, &str, &str)]) -> Option<String> {
        let item = |(name, pushed, updated): &(&str, &str, &str)| Item {
            tag_name: (*name).to_owned(),
            push_time: (!pushed.is_empty()).then(|| (*pushed).to_owned()),
            update_time: Some((*updated).to_owned()),
        };
        let tags = sorted(items.iter().map(item).collect())?;
        Some(tags.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn tags_are_sorted_by_one_kind_of_time() {
        let (early, late) = ("2023-01-02 03:04:05", "2024-01-02 03:04:05");
        assert_eq!(order(&[("a", early, late), ("b", late, early)]).as_deref(), Some("b a"));
        // As soon as one was never pushed, none is sorted by that.
        assert_eq!(order(&[("a", "", late), ("b", late, early)]).as_deref(), Some("a b"));
        assert_eq!(order(&[("a", "", ""), ("b", late, early)]), None);
        assert_eq!(order(&[("a", early, ""), ("c", early, ""), ("b", early, "")]).as_deref(), Some("c b a"));
        assert_eq!(order(&[("-no tag", early, ""), ("b", early, "")]).as_deref(), Some("b"));
        assert_eq!(order(&[]).as_deref(), Some(""));
    }
}

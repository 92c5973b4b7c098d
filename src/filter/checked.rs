//! Whether what a filter answered can be. Its answers are data like any other: nothing is believed.

use super::bindings::crossdock::filter::types;
use super::cut::cut;
use super::error::{Fault, Wrong};
use super::limits::{DESTINATIONS_MAX, REASON_BYTES_MAX};
use super::{Decision, Destination, Named};
use crate::oci::{RepositoryPath, Tag};

/// Longest name that an error quotes, in bytes.
const QUOTED_BYTES_MAX: usize = 200;

/// The decisions, where there is one for each of `images` and each can be.
///
/// # Errors
/// What is wrong, and with which image, if it is one.
pub(super) fn checked(
    decisions: Vec<types::Decision>,
    images: usize,
    target: &Named,
) -> Result<Vec<Decision>, (Wrong, Option<usize>)> {
    if decisions.len() != images {
        let message = format!("it made {} decisions about {images} images", decisions.len());
        let wrong = Wrong::new(Fault::Answer, message)
            .hint("`decide` returns exactly one decision for each of `request.images`, in their order");
        return Err((wrong, None));
    }
    let decided = decisions.into_iter().enumerate();
    decided.map(|(index, one)| decision(one, target).map_err(|wrong| (wrong, Some(index)))).collect()
}

fn decision(decision: types::Decision, target: &Named) -> Result<Decision, Wrong> {
    Ok(match decision {
        types::Decision::Keep => Decision::Keep,
        types::Decision::Drop(reason) => Decision::Drop(reason.map(|text| cut(text, REASON_BYTES_MAX))),
        types::Decision::Rename(names) => Decision::Rename(destinations(&names, target)?),
    })
}

fn destinations(names: &[types::Destination], target: &Named) -> Result<Vec<Destination>, Wrong> {
    if names.is_empty() {
        return Err(Wrong::new(Fault::Answer, "it renames the image to nothing")
            .hint("`rename` has at least one name: to leave an image out, `drop` it"));
    }
    if names.len() > DESTINATIONS_MAX {
        let message = format!("it gives the image {} names, more than {DESTINATIONS_MAX}", names.len());
        return Err(Wrong::new(Fault::Answer, message).hint("give it fewer names"));
    }
    let mut found: Vec<Destination> = Vec::with_capacity(names.len());
    for name in names {
        let one = destination(name, target)?;
        if found.contains(&one) {
            let message = format!("it gives the image the name {} twice", quoted(&name.tag));
            return Err(Wrong::new(Fault::Answer, message).hint("name each destination once"));
        }
        found.push(one);
    }
    Ok(found)
}

fn destination(name: &types::Destination, target: &Named) -> Result<Destination, Wrong> {
    let tag = name.tag.parse::<Tag>().map_err(|why| {
        Wrong::new(Fault::Answer, format!("it renames the image to the tag {}: {why}", quoted(&name.tag)))
            .hint(
                "a tag has up to 128 letters, digits, `_`, `.` and `-`, and starts with none of the last two",
            )
    })?;
    let below = match &name.path {
        Some(path) => below(path, &target.path)?,
        None => None,
    };
    Ok(Destination { below, tag })
}

/// What follows `target` in `path`; none where it is the target itself.
fn below(path: &str, target: &str) -> Result<Option<RepositoryPath>, Wrong> {
    if path == target {
        return Ok(None);
    }
    let wrong = |why: &str| {
        Wrong::new(Fault::Answer, format!("it renames the image to the repository {}: {why}", quoted(path)))
    };
    if target.is_empty() {
        return Err(wrong("the target is a layout without names")
            .hint("leave `path` out, or give the target of the rule a name in the layout"));
    }
    if let Err(why) = path.parse::<RepositoryPath>() {
        return Err(
            wrong(&why.to_string()).hint("a repository is written in lower case, with `/` between its parts")
        );
    }
    let rest = path.strip_prefix(target).and_then(|rest| rest.strip_prefix('/'));
    let rest = rest.and_then(|rest| rest.parse::<RepositoryPath>().ok());
    rest.map(Some).ok_or_else(|| {
        wrong(&format!("only `{target}` and what is below it is allowed"))
            .hint("begin it with `request.target.path`, or leave `path` out")
    })
}

/// Foreign text in an error: of bounded length, and with nothing invisible in it.
fn quoted(text: &str) -> String {
    format!("{:?}", cut(text.to_owned(), QUOTED_BYTES_MAX))
}

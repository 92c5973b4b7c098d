//! What is made at each kind of registry, and what its refusals say of what is there. Decides only, but for the
//! token that Google's API takes.

use super::{Maker, Place, aliyun, google, quay, swr, tencent};
use crate::failure::{Code, Fallible};
use crate::oci::RegistryKind;

/// What a refusal says of whether there is something to read or to write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is not.
    Missing,
    /// That it may not be written to, or that it is not there: to the registry that is one.
    Unclear,
}

/// What a refusal says; none where it is about something else.
pub(super) fn meaning(kind: RegistryKind, code: Code) -> Option<Refusal> {
    use RegistryKind::{Aliyun, Gar, Quay, Swr, Tcr};
    match (code, kind) {
        (Code::RepositoryMissing, _) => Some(Refusal::Missing),
        (Code::Denied, Quay | Swr | Aliyun | Gar | Tcr) => Some(Refusal::Unclear),
        (Code::Unauthenticated, Tcr) => Some(Refusal::Unclear),
        _ => None,
    }
}

/// The part of a path that is made: where it is not all of it, the rest comes by itself.
pub(super) fn name(kind: RegistryKind, path: &str) -> &str {
    let parts = match kind {
        RegistryKind::Harbor | RegistryKind::Swr | RegistryKind::Tcr => 1,
        // A project, which is never made, and a repository.
        RegistryKind::Gar => 2,
        _ => return path,
    };
    let end = path.match_indices('/').nth(parts - 1).map_or(path.len(), |(at, _)| at);
    &path[..end]
}

/// How a name is made.
pub(super) async fn maker<'a>(place: &'a Place<'a>) -> Fallible<Box<dyn Maker + 'a>> {
    Ok(match place.kind {
        RegistryKind::Quay => Box::new(quay::Quay::of(place)?),
        RegistryKind::Swr => Box::new(swr::Swr::of(place)?),
        RegistryKind::Aliyun => Box::new(aliyun::Aliyun::of(place)?),
        RegistryKind::Tcr => Box::new(tencent::Tcr::of(place)?),
        RegistryKind::Gar => Box::new(google::Google::of(place).await?),
        _ => {
            let message = "nothing is made at registries of this kind yet";
            return Err(place
                .failure(Code::NotYet, message)
                .hint("create it there, and take `create_repositories` out of the spec"));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use RegistryKind::{Aliyun, Distribution, Ecr, Gar, Harbor, Quay, Swr, Tcr};

    #[test]
    fn the_part_that_is_made_is_that_which_does_not_come_by_itself() {
        for (kind, path, expected) in [
            (Harbor, "team/app/api", "team"),
            (Swr, "team/app", "team"),
            (Swr, "team", "team"),
            (Tcr, "team/app", "team"),
            (Gar, "p/r/app/api", "p/r"),
            (Gar, "p/r", "p/r"),
            (Ecr, "team/app", "team/app"),
            (Quay, "team/app", "team/app"),
            (Aliyun, "team/app", "team/app"),
        ] {
            assert_eq!(name(kind, path), expected, "{kind} {path}");
        }
    }

    #[test]
    fn a_denial_says_that_something_may_be_missing_only_where_registries_tell_nobody() {
        assert_eq!(meaning(Tcr, Code::Unauthenticated), Some(Refusal::Unclear));
        for kind in [Quay, Swr, Aliyun, Gar, Tcr] {
            assert_eq!(meaning(kind, Code::Denied), Some(Refusal::Unclear), "{kind}");
        }
        for kind in [Ecr, Harbor, Distribution] {
            assert_eq!(meaning(kind, Code::Denied), None, "{kind}");
        }
        for kind in [Ecr, Harbor, Gar, Quay] {
            assert_eq!(meaning(kind, Code::RepositoryMissing), Some(Refusal::Missing), "{kind}");
            for code in [Code::Unauthenticated, Code::NotFound, Code::TargetFull, Code::Network] {
                assert_eq!(meaning(kind, code), None, "{kind} {code:?}");
            }
        }
    }
}

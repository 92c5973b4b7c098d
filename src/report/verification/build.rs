//! From a verification and its run to the shape that is published.

use super::counts::{self, Pieces};
use super::shape::{self, Agreement, Kind};
use super::{Beside, Closeness, Compared, KIND, Standing, VERSION, Verification};
use crate::oci::{CosignTag, Digest, Link};
use crate::outcome::{Content, Damage, Findings, Loss};
use crate::plan::{Drift, Entry, SpecFacts, TargetEntry, Unresolved};
use crate::report::exit::exit_code;
use crate::report::json::{Tool, error, location};
use crate::report::run::Run;
use crate::report::stamp::utc;
use crate::report::verdict::{Judged, Subject};

pub(super) fn verification(verification: &Verification, run: &Run) -> shape::Verification {
    let images: Vec<shape::Image> = run.verdicts().map(|judged| image(verification, run, &judged)).collect();
    let Pieces { manifests, blobs, referrers } = Pieces::of(verification);
    let mut counts = shape::Counts::default();
    for image in &images {
        *match image.result {
            Agreement::Same => &mut counts.same,
            Agreement::Differs => &mut counts.differs,
            Agreement::Missing => &mut counts.missing,
            Agreement::Damaged => &mut counts.damaged,
            Agreement::Unknown => &mut counts.unknown,
        } += 1;
    }
    shape::Verification {
        schema_version: VERSION.to_owned(),
        kind: KIND.to_owned(),
        tool: Tool::crossdock(&run.tool_version),
        run: shape::RunFacts {
            id: run.id.clone(),
            started_at: utc(run.started_at),
            finished_at: utc(run.finished_at),
        },
        depth: match verification.closeness {
            Closeness::Head => shape::Depth::Head,
            Closeness::Fetch => shape::Depth::Fetch,
            Closeness::Bytes => shape::Depth::Bytes,
        },
        exit_code: exit_code(run).code(),
        counts,
        pieces: shape::Pieces {
            manifests: tally(manifests),
            blobs: tally(blobs),
            referrers: tally(referrers),
        },
        images,
    }
}

fn tally(counts::Tally { same, differs, missing, damaged }: counts::Tally) -> shape::Tally {
    shape::Tally { same, differs, missing, damaged }
}

fn image(verification: &Verification, run: &Run, judged: &Judged<'_>) -> shape::Image {
    let error = judged.verdict.failure().map(error);
    let image = match judged.subject {
        Subject::Target { entry, target, .. } => {
            let compared = verification.find(&entry.mirror, &entry.source, &target.reference);
            of_target(entry, target, compared, run.spec.as_ref())
        }
        Subject::Unresolved(unresolved) => of_unresolved(unresolved, run.spec.as_ref()),
    };
    shape::Image { error, ..image }
}

fn of_target(
    entry: &Entry,
    target: &TargetEntry,
    compared: Option<&Compared>,
    spec: Option<&SpecFacts>,
) -> shape::Image {
    let pin = entry.pin.as_ref();
    let expected = pin.map(|pin| &pin.digest);
    let pieces = compared.map(|compared| pieces(&compared.root, &compared.findings)).unwrap_or_default();
    let named = compared.map_or(target.drift.found(), |compared| compared.named.as_ref());
    shape::Image {
        mirror: entry.mirror.clone(),
        spec_location: location(entry.spec_line, spec),
        source: shape::Source {
            reference: entry.source.to_string(),
            digest: pin.map(|pin| pin.at_source().to_string()),
        },
        target: Some(shape::Target {
            reference: target.reference.to_string(),
            digest: named.map(ToString::to_string),
            expected: expected.map(ToString::to_string),
        }),
        result: agreement(&target.drift, compared),
        digest_preserved: pin.map(|pin| pin.digest == *pin.at_source()),
        pieces,
        referrers: entry
            .referrers
            .as_ref()
            .and(compared)
            .map(|compared| compared.referrers.iter().map(referrer).collect()),
        error: None,
    }
}

fn of_unresolved(unresolved: &Unresolved, spec: Option<&SpecFacts>) -> shape::Image {
    let Unresolved { mirror, spec_line, source, target, failure: _ } = unresolved;
    shape::Image {
        mirror: mirror.clone(),
        spec_location: location(*spec_line, spec),
        source: shape::Source { reference: source.to_string(), digest: None },
        target: target.as_ref().map(|target| shape::Target {
            reference: target.to_string(),
            digest: None,
            expected: None,
        }),
        result: Agreement::Unknown,
        digest_preserved: None,
        pieces: Vec::new(),
        referrers: None,
        error: None,
    }
}

/// What a target tag amounts to.
fn agreement(drift: &Drift, compared: Option<&Compared>) -> Agreement {
    let Some(Compared { root: _, named: _, findings, referrers }) = compared else {
        return Agreement::Unknown;
    };
    match drift {
        Drift::Absent => return Agreement::Missing,
        Drift::Stale { .. } => return Agreement::Differs,
        Drift::Refused { .. } => return Agreement::Unknown,
        Drift::Current { .. } | Drift::Incomplete { .. } => {}
    }
    let beside = || referrers.iter().map(of_referrer);
    if !findings.damages.is_empty() || beside().any(|found| found == Agreement::Damaged) {
        return Agreement::Damaged;
    }
    match beside().all(|found| found == Agreement::Same) {
        true => Agreement::Same,
        false => Agreement::Differs,
    }
}

fn of_referrer(Beside { referrer: _, standing, findings }: &Beside) -> Agreement {
    match standing {
        Standing::Missing => Agreement::Missing,
        Standing::Differs => Agreement::Differs,
        Standing::Same if findings.damages.is_empty() => Agreement::Same,
        Standing::Same => Agreement::Damaged,
    }
}

fn referrer(beside: &Beside) -> shape::Referrer {
    let referrer = &beside.referrer;
    let tag = |cosign: &CosignTag| cosign.of(&referrer.subject).map(|tag| tag.to_string());
    shape::Referrer {
        digest: referrer.digest.to_string(),
        subject: referrer.subject.to_string(),
        media_type: referrer.media_type.to_string(),
        artifact_type: referrer.artifact_type.as_ref().map(ToString::to_string),
        tag: match &referrer.link {
            Link::Subject => None,
            Link::Tag(cosign) => tag(cosign),
        },
        result: of_referrer(beside),
        pieces: pieces(&referrer.digest, &beside.findings),
    }
}

/// Every piece with what was found of it: the root first, then manifests, then blobs.
fn pieces(root: &Digest, findings: &Findings) -> Vec<shape::Piece> {
    let Findings { damages, sound, torn } = findings;
    let mut pieces = Vec::new();
    let is_lost = damages.iter().any(|damage| damage.content.is_manifest(root));
    if !is_lost && !torn.contains(root) {
        pieces.push(piece(&Content::Manifest(root.clone()), Agreement::Same, None));
    }
    let torn = torn.iter().map(|digest| Content::Manifest(digest.clone()));
    pieces.extend(torn.map(|content| piece(&content, Agreement::Same, None)));
    pieces.extend(sound.iter().map(|content| piece(content, Agreement::Same, None)));
    pieces.extend(damages.iter().map(|Damage { content, loss, why }| {
        let result = match loss {
            Loss::Absent => Agreement::Missing,
            Loss::Broken => Agreement::Damaged,
        };
        piece(content, result, Some(why.clone()))
    }));
    let order = |piece: &shape::Piece| (piece.kind == Kind::Blob, piece.digest != root.as_str());
    pieces.sort_by(|one, other| (order(one), &one.digest).cmp(&(order(other), &other.digest)));
    pieces
}

fn piece(content: &Content, result: Agreement, why: Option<String>) -> shape::Piece {
    let kind = match content {
        Content::Manifest(_) => Kind::Manifest,
        Content::Blob(_) => Kind::Blob,
    };
    shape::Piece { kind, digest: content.digest().to_string(), result, why }
}

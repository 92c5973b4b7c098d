//! The table: what each registry does that distribution 2.8.2 does not. Where the words of an answer
//! are known, they are these.

use super::traits::*;
use super::{Personality, Refusal};

const MIB: u64 = 1 << 20;

/// Tags on one page of those that page by themselves; the real ones have 100.
const PAGE: usize = 3;

const DENIED: Refusal = Refusal::new(403, "DENIED", "requested access to the resource is denied");

pub(super) const PLAIN: Traits = Traits {
    login: Login::Bearer,
    token_post: None,
    no_right: None,
    creates: Creates::Always,
    missing: None,
    unknown: Refusal::new(404, "MANIFEST_UNKNOWN", "manifest unknown"),
    heads: Heads::Digest,
    blobs_at: BlobsAt::Home,
    quota: Quota::None,
    mounts: Mounts::Made,
    uploads: UPLOADS,
    refuses: &[],
    manifest_status: 201,
    children: Children::Required,
    protected: DENIED,
    same_digest: SameDigest::Taken,
    paging: Paging::Ignored,
    listed: Listed::Tags,
    list_max: None,
    referrers: Referrers::Absent,
    referrers_page: None,
    digest_tags: DigestTags::Written,
    tagging: Tagging::Ignored,
    full: Refusal::new(500, "UNKNOWN", "mkdir /var/lib/registry: no space left on device"),
    read_only: Refusal::new(405, "UNSUPPORTED", "The operation is unsupported."),
    throttled: Refusal::new(429, "TOOMANYREQUESTS", "too many requests"),
};

const UPLOADS: Uploads = Uploads {
    locations: Locations::Absolute,
    put_bytes_max: None,
    patch: None,
    patch_bytes_max: None,
    lengths: Lengths::Unsaid,
    offsets: Offsets::Unchecked,
    ranges: Ranges::True,
    appends: Appends::Kept,
};

const DISTRIBUTION_3: Traits = Traits {
    uploads: Uploads { offsets: Offsets::Checked, ..UPLOADS },
    paging: Paging::Relative(usize::MAX),
    ..PLAIN
};

const DOCKER_HUB: Traits = Traits {
    no_right: Some(DENIED),
    blobs_at: BlobsAt::Elsewhere(307),
    quota: Quota::ManifestGets,
    // A push to a tag that the repository holds on to; it says no more than that.
    protected: DENIED,
    // Beside the quota, there is a limit against abuse, and that is plain text.
    throttled: Refusal { retry_after_s: Some(1), ..Refusal::text(429, "Too Many Requests (HAP429).\n") },
    ..PLAIN
};

const GHCR: Traits = Traits {
    no_right: Some(Refusal::new(
        403,
        "DENIED",
        "permission_denied: The token provided does not match expected scopes.",
    )),
    blobs_at: BlobsAt::Elsewhere(307),
    uploads: Uploads {
        locations: Locations::Relative,
        patch_bytes_max: Some(4 * MIB),
        appends: Appends::Lost,
        ..UPLOADS
    },
    paging: Paging::Relative(PAGE),
    throttled: Refusal::new(429, "TOOMANYREQUESTS", "retry-after: 10.305464ms, allowed: 2000/minute"),
    ..PLAIN
};

const ECR_ABSENT: Refusal = Refusal::new(
    404,
    "NAME_UNKNOWN",
    "The repository with name '{repository}' does not exist in the registry with id '123456789012'",
);

const ECR: Traits = Traits {
    login: Login::Basic,
    no_right: Some(Refusal::new(
        403,
        "DENIED",
        "User: arn:aws:iam::123456789012:user/bob is not authorized to perform: ecr:InitiateLayerUpload on \
         resource: {repository} because no identity-based policy allows the ecr:InitiateLayerUpload action",
    )),
    creates: Creates::Never(ECR_ABSENT),
    missing: Some(ECR_ABSENT),
    unknown: Refusal::new(404, "MANIFEST_UNKNOWN", "Requested image not found"),
    blobs_at: BlobsAt::Elsewhere(307),
    mounts: Mounts::Begun,
    uploads: Uploads { ranges: Ranges::Stuck, ..UPLOADS },
    protected: Refusal::new(
        400,
        "TAG_INVALID",
        "The image tag '{tag}' already exists in the '{repository}' repository and cannot be overwritten \
         because the tag is immutable.",
    ),
    same_digest: SameDigest::Refused,
    paging: Paging::Absolute(PAGE),
    list_max: Some((
        1000,
        Refusal::new(
            405,
            "UNSUPPORTED",
            "Invalid parameter at 'maxResults' failed to satisfy constraint: 'Member must have value less \
             than or equal to 1000'",
        ),
    )),
    referrers: Referrers::Filtered,
    throttled: Refusal::new(429, "TOOMANYREQUESTS", "Rate exceeded"),
    ..PLAIN
};

const ECR_PUBLIC: Traits = Traits { login: Login::Bearer, referrers: Referrers::Absent, ..ECR };

const GAR_ABSENT: Refusal = Refusal::new(404, "NAME_UNKNOWN", "Repository \"{repository}\" not found");

const GAR: Traits = Traits {
    token_post: Some(404),
    no_right: Some(Refusal::new(
        403,
        "DENIED",
        "Permission \"artifactregistry.repositories.uploadArtifacts\" denied on resource \"{repository}\" (or \
         it may not exist)",
    )),
    creates: Creates::InProjects(GAR_ABSENT),
    missing: Some(GAR_ABSENT),
    blobs_at: BlobsAt::Elsewhere(302),
    mounts: Mounts::Begun,
    uploads: Uploads { patch: Some(Refusal::new(405, "UNSUPPORTED", "chunked upload")), ..UPLOADS },
    protected: Refusal::new(400, "MANIFEST_INVALID", "the repository has enabled tag immutability"),
    listed: Listed::Digests,
    throttled: Refusal::new(
        429,
        "TOOMANYREQUESTS",
        "Quota exceeded for quota metric 'Requests per project per region' and limit 'Requests per project \
         per region per minute per region' of service 'artifactregistry.googleapis.com'",
    ),
    ..PLAIN
};

const ACR: Traits = Traits {
    token_post: Some(400),
    no_right: Some(DENIED),
    blobs_at: BlobsAt::Elsewhere(307),
    uploads: Uploads {
        locations: Locations::Relative,
        put_bytes_max: Some(20 * MIB),
        lengths: Lengths::Said,
        offsets: Offsets::Checked,
        ..UPLOADS
    },
    // A lock of the tag, of the manifest or of the repository.
    protected: Refusal::new(
        405,
        "REGISTRY_DISALLOWED_OPERATION",
        "The operation is disallowed on this registry, repository or image.",
    ),
    same_digest: SameDigest::Refused,
    paging: Paging::Relative(PAGE),
    referrers: Referrers::Filtered,
    throttled: Refusal::new(429, "TOOMANYREQUESTS", "Rate exceeded"),
    ..PLAIN
};

const QUAY_NO_RIGHT: Refusal =
    Refusal::new(401, "UNAUTHORIZED", "access to the requested resource is not authorized");

const QUAY: Traits = Traits {
    no_right: Some(QUAY_NO_RIGHT),
    creates: Creates::InProjects(QUAY_NO_RIGHT),
    blobs_at: BlobsAt::Elsewhere(302),
    manifest_status: 202,
    // Signatures and other artifacts, unless the installation allows them all.
    refuses: &[("vnd.oci.empty", Refusal::new(415, "MANIFEST_INVALID", "manifest invalid"))],
    paging: Paging::Token(PAGE),
    list_max: Some((
        100,
        Refusal::new(
            413,
            "TOO_MANY_TAGS_REQUESTED",
            "Too many tags requested; requested limit is too high, max is 100",
        ),
    )),
    throttled: Refusal::text(429, "<html><head><title>429 Too Many Requests</title></head></html>"),
    ..PLAIN
};

const HARBOR: Traits = Traits {
    token_post: Some(405),
    no_right: Some(Refusal::new(
        401,
        "UNAUTHORIZED",
        "unauthorized to access repository: {repository}, action: push: unauthorized to access repository: \
         {repository}, action: push",
    )),
    creates: Creates::InProjects(Refusal::new(404, "NOT_FOUND", "project not found: {repository}")),
    missing: Some(Refusal::new(404, "NOT_FOUND", "project not found: {repository}")),
    unknown: Refusal::new(404, "NOT_FOUND", "artifact {repository}:{tag} not found"),
    protected: Refusal::new(
        412,
        "PRECONDITION",
        "Failed to process request due to '{repository}:{tag}' configured as immutable.",
    ),
    same_digest: SameDigest::Refused,
    referrers: Referrers::Filtered,
    full: Refusal::new(
        403,
        "DENIED",
        "adding 29.0 MiB of storage resource, which when updated to current usage of 152.4 MiB will exceed \
         the configured upper limit of 10.0 MiB.",
    ),
    read_only: Refusal::new(405, "METHOD_NOT_ALLOWED", "can not push artifact to a proxy project"),
    ..PLAIN
};

const GITLAB: Traits = Traits {
    token_post: Some(404),
    no_right: Some(DENIED),
    creates: Creates::InProjects(DENIED),
    blobs_at: BlobsAt::Elsewhere(307),
    paging: Paging::Relative(PAGE),
    digest_tags: DigestTags::Manifest,
    ..PLAIN
};

const ARTIFACTORY: Traits = Traits {
    token_post: Some(401),
    no_right: Some(Refusal::text(403, "{\"errors\":[{\"status\":403,\"message\":\"Forbidden\"}]}")),
    creates: Creates::InProjects(Refusal::text(
        404,
        "{\"errors\":[{\"status\":404,\"message\":\"No such repository\"}]}",
    )),
    // Whoever may not delete may not overwrite.
    protected: Refusal::text(403, "{\"errors\":[{\"status\":403,\"message\":\"Forbidden\"}]}"),
    paging: Paging::Misplaced(PAGE),
    listed: Listed::Strays,
    ..PLAIN
};

const NEXUS: Traits = Traits {
    login: Login::Basic,
    no_right: Some(Refusal::new(401, "UNAUTHORIZED", "access to the requested resource is not authorized")),
    protected: Refusal {
        detail: Some("Repository does not allow updating assets: docker-hosted"),
        ..Refusal::new(400, "BLOB_UPLOAD_INVALID", "blob upload invalid")
    },
    same_digest: SameDigest::Refused,
    paging: Paging::Misplaced(PAGE),
    listed: Listed::Nulls,
    ..PLAIN
};

const SWR: Traits = Traits {
    no_right: Some(DENIED),
    creates: Creates::InProjects(DENIED),
    heads: Heads::NoDigest,
    refuses: &[(
        "vnd.oci.image.",
        Refusal::new(400, "UNKNOWN", "Invalid image, fail to parse 'manifest.json'"),
    )],
    ..PLAIN
};

/// Enterprise Edition, where a namespace makes nothing by itself.
const ALIYUN: Traits = Traits { no_right: Some(DENIED), creates: Creates::Never(DENIED), ..PLAIN };

const ZOT: Traits = Traits {
    login: Login::Basic,
    no_right: Some(DENIED),
    uploads: Uploads { locations: Locations::Relative, offsets: Offsets::Checked, ..UPLOADS },
    // Unless it is told to be compatible.
    refuses: &[("vnd.docker.", Refusal::new(415, "MANIFEST_INVALID", "manifest invalid"))],
    paging: Paging::Relative(usize::MAX),
    referrers: Referrers::Filtered,
    tagging: Tagging::Taken { most: 46 },
    ..PLAIN
};

pub(super) fn traits(personality: Personality) -> Traits {
    match personality {
        Personality::DockerHub => DOCKER_HUB,
        Personality::Ghcr => GHCR,
        Personality::EcrPublic => ECR_PUBLIC,
        Personality::Ecr => ECR,
        Personality::Gar => GAR,
        Personality::Acr => ACR,
        Personality::Quay => QUAY,
        Personality::Harbor => HARBOR,
        Personality::GitLab => GITLAB,
        Personality::Artifactory => ARTIFACTORY,
        Personality::Nexus => NEXUS,
        Personality::Swr => SWR,
        Personality::Aliyun => ALIYUN,
        Personality::Zot => ZOT,
        Personality::Distribution2 => PLAIN,
        Personality::Distribution3 => DISTRIBUTION_3,
    }
}

//! The shape of a whole spec: registries, filters and rules. What a key means stands beside it.

use super::choice::Chosen;
use super::free::Free;
use super::list::Listed;
use super::number::{Count, Flag, VersionNumber};
use super::options::OptionsShape;
use super::text::Secret;
use super::{Many, Reading, Shape, Table, Text};
use crate::oci::RegistryKind;
use crate::spec::IdentityWord;
use crate::spec::filter::{FUEL_PER_IMAGE_MAX, FUEL_PER_IMAGE_MIN, MEMORY_MIB_MAX, MEMORY_MIB_MIN};
use crate::spec::node::{Kind, Node};
use crate::spec::registry::{BYTES_PER_SECOND_MIN, RANGES_PER_BLOB_MAX};

shape! {
    /// What to mirror, from where, to where. Top-level keys that start with `x-` are ignored, so that
    /// YAML anchors can stand there.
    SpecShape is "a spec", Extensible {
        /// The version of this format. There is one: 1.
        required version: VersionNumber = 1,
        /// How registries are spoken to. The key is `host`, `host:port` or `host/path`; the longest path
        /// that fits a repository wins. A registry needs an entry only to differ from the defaults.
        optional registries: Table<RegistryShape> = { "localhost:5000": { "plain_http": true } },
        /// Programs that choose tags, by the name that rules call them.
        optional filters: Table<FilterShape> = { "calver": { "wasm": "filters/calver.wasm" } },
        /// Keys that every rule has unless it says otherwise. A key of a rule replaces the whole key here.
        optional defaults: OptionsShape = { "on_existing": "keep" },
        /// The rules: each mirrors one repository to one or more others.
        required mirrors: Listed<RuleShape> = [{ "source": "alpine", "target": "localhost:5000/mirror/alpine" }],
    }
}

shape! {
    /// How one registry, or one path in it, is spoken to.
    RegistryShape is "a registry" {
        /// Speak HTTP without TLS. Without this, a registry is never spoken to in the clear.
        optional plain_http: Flag = true,
        /// Certificates, where the system's are not enough.
        optional tls: TlsShape = { "ca_file": "corp-ca.pem" },
        /// Who we are to the registry. Without this, the credentials of docker and podman are used, and
        /// else who the CI system or the machine's cloud says that we are.
        optional credentials: CredentialsShape = { "username": "${HUB_USER}", "password": "${HUB_TOKEN}" },
        /// Keys of the account of a cloud that the registry belongs to, for its API: to list repositories, to make
        /// namespaces and passwords. Without this, those of the environment. For Tencent Cloud.
        optional cloud_keys: CloudKeysShape = { "id": "${TENCENTCLOUD_SECRET_ID}", "secret": "${TENCENTCLOUD_SECRET_KEY}" },
        /// Hosts of token servers, without a port, that may be shown these credentials although they do
        /// not belong to the registry by their names.
        optional realm_hosts: Many<Text> = ["login.example.com"],
        /// Hosts inside our network, without a port, that the registry may redirect to although it lies
        /// outside.
        optional redirect_hosts: Many<Text> = ["storage.corp.example.com"],
        /// What kind of registry it is, where its name does not tell: then what is known of that kind is
        /// counted on.
        optional profile: Chosen<RegistryKind> = "harbor",
        /// Make repositories, or the projects that they lie in, that the registry says it does not have: `true`,
        /// or what they are like on their first day. For Amazon ECR, Harbor and Tencent TCR.
        optional create_repositories: CreationShape = { "immutable": true, "scan": true },
        /// How hard the registry may be driven.
        optional limits: LimitsShape = { "requests_per_second": 10, "concurrent_requests": 8 },
    }
}

shape! {
    /// Keys of the account of a cloud.
    CloudKeysShape is "`cloud_keys`", Hidden {
        /// The public half.
        required id: Text = "${TENCENTCLOUD_SECRET_ID}",
        /// The secret half. It signs requests, and is never sent.
        required secret: Secret = "${TENCENTCLOUD_SECRET_KEY}",
        /// What goes with keys that end.
        optional token: Secret = "${TENCENTCLOUD_TOKEN}",
        /// The region whose API is asked. Without this, what the registry is tells.
        optional region: Text = "ap-guangzhou",
    }
}

shape! {
    /// What repositories are like on their first day. Each kind of registry has some of these keys.
    CreationMapShape is "`create_repositories`" {
        /// Everybody may pull. For Harbor, Quay, TCR and Alibaba.
        optional public: Flag = true,
        /// What is pushed is scanned. For Harbor, ECR and TCR.
        optional scan: Flag = true,
        /// Tags cannot be moved. For ECR, Google and Alibaba.
        optional immutable: Flag = true,
        /// The key of the cloud's KMS that encrypts them. For ECR and Google.
        optional kms_key: Text = "alias/mirror",
        /// Labels by their names, which ECR calls tags. For ECR and Google.
        optional labels: Table<Text> = { "team": "platform" },
        /// The lifecycle policy, in JSON. For ECR.
        optional lifecycle: Text = "{\"rules\": []}",
        /// Who may do what with them, in JSON. For ECR.
        optional policy: Text = "{\"Version\": \"2012-10-17\", \"Statement\": []}",
        /// What the public gallery shows of them, in JSON. For ECR Public.
        optional catalog: Text = "{\"description\": \"Mirrored images\"}",
    }
}

/// `create_repositories` in its short or its long form.
pub(in crate::spec) enum CreationShape {
    Short(Flag),
    Full(Box<CreationMapShape>),
}

impl Shape for CreationShape {
    fn read_sound(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        match &node.kind {
            Kind::Mapping(_) => CreationMapShape::read(node, reading).map(|map| Self::Full(Box::new(map))),
            Kind::Scalar(_) | Kind::List(_) | Kind::Broken => Flag::read(node, reading).map(Self::Short),
        }
    }
}

inline_schema!(CreationShape, |generator| {
    let (short, full) = (Flag::json_schema(generator), CreationMapShape::json_schema(generator));
    schemars::json_schema!({ "anyOf": [short, full] })
});

shape! {
    /// Files with certificates and keys, in PEM. Paths are relative to the working directory.
    TlsShape is "`tls`" {
        /// Certificate authorities that are trusted beside the system's.
        optional ca_file: Text = "corp-ca.pem",
        /// Our certificate; needs `client_key`.
        optional client_cert: Text = "me.pem",
        /// The key of our certificate; needs `client_cert`.
        optional client_key: Text = "me.key",
        /// Take whoever answers for the registry, whatever certificate it shows. Then credentials and
        /// images can be read and changed on their way; `ca_file` is the better way.
        optional insecure_skip_verify: Flag = true,
    }
}

shape! {
    /// Who we are: a user name and password, an identity token, a credential helper, who the CI system
    /// or the cloud says that we are, or nobody.
    CredentialsShape is "`credentials`", Hidden {
        /// The user name; needs `password`.
        optional username: Text = "${HUB_USER}",
        /// The password or access token of the user.
        optional password: Secret = "${HUB_TOKEN}",
        /// An OAuth 2 refresh token, which docker calls an identity token.
        optional identity_token: Secret = "${IDENTITY_TOKEN}",
        /// The program `docker-credential-NAME` that is asked for credentials.
        optional helper: Text = "ecr-login",
        /// Who the CI system or the machine's cloud says that we are: to Amazon ECR (`ecr`), Google
        /// Artifact Registry (`gar`), Azure Container Registry (`acr`) or `ghcr.io` (`github`); or the keys
        /// of an account: to Alibaba Cloud's registry (`aliyun`), Huawei Cloud's SWR (`swr`) or Tencent TCR
        /// (`tcr`).
        optional identity: Chosen<IdentityWord> = "ecr",
        /// With `identity: ecr`: the ARN of the role that is taken on with an identity token (OIDC).
        optional role: Text = "arn:aws:iam::123456789012:role/mirror",
        /// With `identity: gar`: the workload identity provider that takes our identity token (OIDC).
        optional provider: Text = "projects/123456789012/locations/global/workloadIdentityPools/ci/providers/github",
        /// With `identity: gar`: the service account that is impersonated.
        optional service_account: Text = "mirror@acme.iam.gserviceaccount.com",
        /// With `identity: acr`: the directory (tenant) that knows us.
        optional tenant: Text = "00000000-1111-2222-3333-444444444444",
        /// With `identity: acr`: the id of the application or managed identity that we are.
        optional client: Text = "55555555-6666-7777-8888-999999999999",
        /// With `identity`: the audience of the identity token (OIDC), where it is not the usual one.
        optional audience: Text = "sts.amazonaws.com",
        /// With `identity`: the identity token (OIDC) itself, where the CI system gives it in a variable.
        optional id_token: Secret = "${AWS_ID_TOKEN}",
        /// Use no credentials, also where docker has some.
        optional anonymous: Flag = true,
    }
}

shape! {
    /// How hard one registry may be driven.
    LimitsShape is "`limits`" {
        /// Requests that may start in one second.
        optional requests_per_second: Count = 10,
        /// Requests that may be under way at once.
        optional concurrent_requests: Count = 8,
        /// Bytes of bodies that may pass in one second, in both directions together.
        optional bytes_per_second: Count<BYTES_PER_SECOND_MIN> = 50_000_000,
        /// Parts of one large blob that may be fetched at once, over a connection each.
        optional ranges_per_blob: Count<1, RANGES_PER_BLOB_MAX> = 4,
        /// GETs of manifests that are left for others, at registries that allow a number of them in some
        /// hours.
        optional quota_reserve: Count = 20,
    }
}

shape! {
    /// A program that chooses and renames tags: a WebAssembly component without access to anything.
    FilterShape is "a filter" {
        /// Where the component is: a path relative to the working directory, `https://…`, or
        /// `oci://registry/repository:tag`.
        required wasm: Text = "filters/calver.wasm",
        /// The SHA-256 digest of the component. Needed for `https://`, and for `oci://` with a tag.
        optional sha256: Text = "4f0a2cbd9bd62cbb3c1a4a5e6d3f0e9c8b7a69584736251403f2e1d0cbfa9e8d",
        /// Settings for the filter: any YAML, which it gets as JSON.
        optional config: Free = { "keep_months": 6 },
        /// How much it may use.
        optional limits: FilterLimitsShape = { "memory_mib": 512 },
    }
}

shape! {
    /// How much one call of a filter may use.
    FilterLimitsShape is "`limits` of a filter" {
        /// Memory in MiB, 256 by default.
        optional memory_mib: Count<MEMORY_MIB_MIN, MEMORY_MIB_MAX> = 512,
        /// Work for each image, beside what every call has: about one for each instruction, 5 million
        /// by default.
        optional fuel_per_image: Count<FUEL_PER_IMAGE_MIN, FUEL_PER_IMAGE_MAX> = 20_000_000,
    }
}

shape! {
    /// Which repositories are mirrored, by the part of their names that the wildcard stands for. A pattern is
    /// written as for tags; in a glob, `*` ends at a `/` and `**` does not.
    RepositoriesShape is "`repositories`" {
        /// Patterns of which one must match. Without this, every repository.
        optional include: Many<Text> = ["web/**", "db"],
        /// Patterns of which none may match.
        optional exclude: Many<Text> = ["**/cache"],
    }
}

shape! {
    /// A rule: one repository, or all below a path, mirrored to one or more others.
    RuleShape is "a rule" {
        /// What the rule is called in plans and reports. The source, if nothing is given.
        optional name: Text = "grafana",
        /// The repository that is read, without a tag. Docker's short names mean what docker means. With
        /// `/**` at its end, every repository below; with `/*`, every one directly below.
        required source: Text = "docker.io/grafana/grafana",
        /// The repositories that are written: one, or a list. An image is fetched once for all of them. For a
        /// source with a wildcard, `{repository}` is what the wildcard stands for.
        required target: Many<Text> = ["localhost:5000/mirror/grafana", "oci:./offline/grafana"],
        /// Which of the repositories are mirrored that a wildcard in `source` stands for.
        optional repositories: RepositoriesShape = { "exclude": ["**/cache"] },
    }
    with options: OptionsShape
}

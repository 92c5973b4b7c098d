//! Which token servers belong to which registry. Knows names only, never addresses.

/// Registries whose token server has another name: a registry host, or a suffix of it that starts
/// with a dot, and the host of its token server. A pair is good for itself only: that
/// `auth.docker.io` may see the credentials of Docker Hub gives it no others.
const PAIRS: &[(&str, &str)] = &[
    ("registry-1.docker.io", "auth.docker.io"),
    ("registry.gitlab.com", "gitlab.com"),
    ("registry.connect.redhat.com", "sso.redhat.com"),
    (".scw.cloud", "api.scaleway.com"),
];

/// Domains in which neighbours are strangers: a registry there shares its parent domain with
/// other people's registries or sites.
const SHARED: &[&str] = &[
    "amazonaws.com",
    "amazonaws.com.cn",
    "azurecr.cn",
    "azurecr.io",
    "azurecr.us",
    "azurewebsites.net",
    "cloudapp.azure.com",
    "cloudfront.net",
    "cr.aliyuncs.com",
    "digitaloceanspaces.com",
    "duckdns.org",
    "fly.dev",
    "github.io",
    "gitlab.io",
    "herokuapp.com",
    "jfrog.io",
    "myhuaweicloud.com",
    "netlify.app",
    "ngrok-free.app",
    "ngrok.app",
    "ngrok.io",
    "nip.io",
    "ondigitalocean.app",
    "onrender.com",
    "pages.dev",
    "r2.dev",
    "run.app",
    "sslip.io",
    "tencentcloudcr.com",
    "trycloudflare.com",
    "vercel.app",
    "web.app",
    "workers.dev",
];

/// Second-level labels under which countries register names, as `co` in `co.uk`.
const SECOND_LEVEL: &[&str] = &[
    "ac", "asn", "asso", "co", "com", "edu", "gob", "gouv", "gov", "go", "gv", "id", "in", "ltd", "me",
    "mil", "ne", "net", "nom", "or", "org", "plc", "sch", "school",
];

/// Whether the token server at `realm` may see the credentials of `registry`. Both are host names
/// in lower case, without port, and not addresses.
///
/// It may when it is the registry's own host, lies below it, is its partner in a list of pairs, or
/// is a sibling: at or below the registry's parent domain (`registry.example.com` and
/// `gitlab.example.com`), where that domain has two labels at least and is not one in which
/// strangers live next to each other (`co.uk`, `azurecr.io`). There is no list of all public
/// suffixes in here: an unknown one with two labels or more makes siblings of strangers, and then
/// it takes a hostile registry to make use of that.
pub(super) fn belongs(realm: &str, registry: &str) -> bool {
    if realm == registry || (registry.contains('.') && below(realm, registry)) {
        return true;
    }
    let paired = |(home, partner): &(&str, &str)| {
        realm == *partner && (registry == *home || (home.starts_with('.') && registry.ends_with(home)))
    };
    if PAIRS.iter().any(paired) {
        return true;
    }
    match registry.split_once('.') {
        Some((_, parent)) => !is_shared(parent) && (realm == parent || below(realm, parent)),
        None => false,
    }
}

fn below(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
}

/// Whether the names directly below a domain may belong to strangers.
fn is_shared(domain: &str) -> bool {
    let labels: Vec<&str> = domain.split('.').collect();
    match labels.as_slice() {
        [] | [_] => true,
        [second, country] if country.len() == 2 && SECOND_LEVEL.contains(second) => true,
        _ => SHARED.iter().any(|shared| domain == *shared || below(domain, shared)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_servers_of_the_same_house_belong() {
        for (realm, registry) in [
            ("ghcr.io", "ghcr.io"),
            ("auth.docker.io", "registry-1.docker.io"),
            ("gitlab.com", "registry.gitlab.com"),
            ("gitlab.example.com", "registry.example.com"),
            ("example.com", "registry.example.com"),
            ("sso.login.example.co.uk", "registry.example.co.uk"),
            ("auth.example.com", "example.com"),
            ("docker-auth.elastic.co", "docker.elastic.co"),
            ("dockerauth.cn-hangzhou.aliyuncs.com", "registry.cn-hangzhou.aliyuncs.com"),
            ("api.digitalocean.com", "registry.digitalocean.com"),
            ("api.scaleway.com", "rg.fr-par.scw.cloud"),
            ("localhost", "localhost"),
        ] {
            assert!(belongs(realm, registry), "{realm} {registry}");
        }
    }

    #[test]
    fn strangers_do_not_belong() {
        for (realm, registry) in [
            ("evil.test", "registry.example.com"),
            ("evilexample.com", "registry.example.com"),
            ("example.com.evil.test", "registry.example.com"),
            ("registry.example.com.evil.test", "registry.example.com"),
            ("com", "example.com"),
            ("evil.com", "example.com"),
            ("evil.co.uk", "example.co.uk"),
            ("co.uk", "example.co.uk"),
            ("evil.azurecr.io", "mine.azurecr.io"),
            ("evil.cn-hangzhou.cr.aliyuncs.com", "mine.cn-hangzhou.cr.aliyuncs.com"),
            ("evil.s3.amazonaws.com", "1.dkr.ecr.eu-west-1.amazonaws.com"),
            ("evil.dkr.ecr.eu-west-1.amazonaws.com", "1.dkr.ecr.eu-west-1.amazonaws.com"),
            ("auth.docker.io", "registry.example.com"),
            ("api.scaleway.com", "scw.cloud.evil.test"),
            ("evil.localhost", "localhost"),
            ("", "registry.example.com"),
            (".example.com", "registry.example.com"),
        ] {
            assert!(!belongs(realm, registry), "{realm} {registry}");
        }
    }
}

//! `NO_PROXY`, as far as the HTTP client does not read it: entries with a port, and with `*.`, as other
//! programs take them. Decides only.

use reqwest::Url;

/// By which way a registry is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::store::registry) enum Way {
    /// As the environment says of its host: by a proxy or without.
    Usual,
    /// Without a proxy: `NO_PROXY` has an entry for its very port.
    Direct,
}

impl Way {
    /// The way to `base`, where `no_proxy` is the value of the variable.
    pub(in crate::store::registry) fn to(base: &Url, no_proxy: Option<&str>) -> Self {
        let (Some(host), Some(port)) = (base.host_str(), base.port_or_known_default()) else {
            return Self::Usual;
        };
        let mut entries = no_proxy.unwrap_or_default().split(',').map(str::trim);
        match entries.any(|entry| excepts(entry, host, port)) {
            true => Self::Direct,
            false => Self::Usual,
        }
    }
}

/// Whether one entry is about this host and port. A name is about the hosts below it, too, as it is for the
/// HTTP client.
fn excepts(entry: &str, host: &str, port: u16) -> bool {
    let (name, wanted) = match entry.rsplit_once(':') {
        // An address of IPv6 has colons of its own, and stands in brackets where it has a port.
        Some((name, digits)) if !name.contains(':') || name.ends_with(']') => match digits.parse::<u16>() {
            Ok(wanted) => (name, Some(wanted)),
            Err(_) => return false,
        },
        _ => (entry, None),
    };
    if wanted.is_some_and(|wanted| wanted != port) {
        return false;
    }
    let Some(name) = name.strip_prefix("*.").or_else(|| wanted.map(|_| name.trim_start_matches('.'))) else {
        // The HTTP client knows what to make of it.
        return false;
    };
    let (name, host) = (name.to_ascii_lowercase(), host.to_ascii_lowercase());
    !name.is_empty() && (host == name || host.strip_suffix(&name).is_some_and(|above| above.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_with_a_port_is_about_that_port_and_one_with_a_star_about_all_below() {
        let way = |base: &str, no_proxy| Way::to(&Url::parse(base).expect("a URL"), Some(no_proxy));
        for (base, no_proxy) in [
            ("https://r.test:5000/", "r.test:5000"),
            ("https://r.test:5000/", "other, R.Test:5000"),
            ("https://a.r.test:5000/", "r.test:5000"),
            ("https://a.r.test:5000/", ".r.test:5000"),
            ("https://r.test/", "r.test:443"),
            ("http://r.test/", "r.test:80"),
            ("http://127.0.0.1:5000/", "127.0.0.1:5000"),
            ("http://[::1]:5000/", "[::1]:5000"),
            ("https://a.r.test/", "*.r.test"),
            ("https://a.r.test:5000/", "*.r.test:5000"),
        ] {
            assert_eq!(way(base, no_proxy), Way::Direct, "{base} {no_proxy}");
        }
        for (base, no_proxy) in [
            ("https://r.test/", ""),
            ("https://r.test:5001/", "r.test:5000"),
            ("https://r.test/", "r.test:80"),
            ("https://rr.test:5000/", "r.test:5000"),
            ("https://r.test:5000/", ":5000"),
            ("https://r.test:5000/", "r.test:x"),
            ("http://[::1]:5000/", "::1"),
            // What the HTTP client reads itself.
            ("https://r.test/", "r.test"),
            ("https://10.1.2.3/", "10.0.0.0/8"),
            ("https://r.test/", "*"),
        ] {
            assert_eq!(way(base, no_proxy), Way::Usual, "{base} {no_proxy}");
        }
        assert_eq!(Way::to(&Url::parse("https://r.test/").expect("a URL"), None), Way::Usual);
    }
}

//! Whose registry a host of Tencent Cloud is: the personal ones by region, and the instances of companies by
//! name.

use std::fmt;

/// A registry of Tencent Cloud.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TencentHost {
    /// The personal edition (CCR): one for all accounts, at a host for each of these groups of regions.
    Personal(&'static TencentRegions),
    /// An instance of the enterprise edition (TCR), by its name.
    Enterprise(String),
}

/// The regions that share a host of the personal edition.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct TencentRegions {
    /// What its host begins with.
    prefix: &'static str,
    /// The regions; the first is the one whose API is asked where nothing else is said.
    pub regions: &'static [&'static str],
}

/// The region whose API is asked for instances of which nobody says where they are: it knows those of all.
pub const TENCENT_REGION: &str = "ap-guangzhou";

const PERSONAL: &str = ".ccs.tencentyun.com";
const ENTERPRISE: &str = ".tencentcloudcr.com";

const fn at(prefix: &'static str, regions: &'static [&'static str]) -> TencentRegions {
    TencentRegions { prefix, regions }
}

/// The hosts of the personal edition.
static PERSONAL_HOSTS: [TencentRegions; 15] = [
    at(
        "ccr",
        &[
            TENCENT_REGION,
            "ap-shanghai",
            "ap-nanjing",
            "ap-beijing",
            "ap-shenzhen",
            "ap-chongqing",
            "ap-chengdu",
            "ap-tianjin",
        ],
    ),
    at("hkccr", &["ap-hongkong"]),
    at("szjrccr", &["ap-shenzhen-fsi"]),
    at("shjrccr", &["ap-shanghai-fsi"]),
    at("bjjrccr", &["ap-beijing-fsi"]),
    at("sgccr", &["ap-singapore"]),
    at("krccr", &["ap-seoul"]),
    at("jpccr", &["ap-tokyo"]),
    at("inccr", &["ap-mumbai"]),
    at("thccr", &["ap-bangkok"]),
    at("caccr", &["na-toronto"]),
    at("uswccr", &["na-siliconvalley"]),
    at("useccr", &["na-ashburn"]),
    at("deccr", &["eu-frankfurt"]),
    at("ruccr", &["eu-moscow"]),
];

impl TencentHost {
    /// The registry at a host; none where it is not Tencent's.
    pub(super) fn of(host: &str) -> Option<Self> {
        if let Some(prefix) = host.strip_suffix(PERSONAL) {
            return PERSONAL_HOSTS.iter().find(|one| one.prefix == prefix).map(Self::Personal);
        }
        let name = host.strip_suffix(ENTERPRISE)?;
        is_name(name).then(|| Self::Enterprise(name.to_owned()))
    }

    /// The registry of the personal edition that a region has.
    pub fn personal(region: &str) -> Option<Self> {
        PERSONAL_HOSTS.iter().find(|one| one.regions.contains(&region)).map(Self::Personal)
    }

    /// The instance of the enterprise edition with this name; none where a name cannot be so.
    pub fn enterprise(name: &str) -> Option<Self> {
        is_name(name).then(|| Self::Enterprise(name.to_owned()))
    }

    /// Every region that has the personal edition.
    pub fn personal_regions() -> impl Iterator<Item = &'static str> {
        PERSONAL_HOSTS.iter().flat_map(|one| one.regions).copied()
    }

    /// Whether a text looks like a region.
    pub fn is_region(text: &str) -> bool {
        let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        text.contains('-') && text.bytes().all(legal)
    }
}

/// The host.
impl fmt::Display for TencentHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Personal(regions) => write!(f, "{}{PERSONAL}", regions.prefix),
            Self::Enterprise(name) => write!(f, "{name}{ENTERPRISE}"),
        }
    }
}

fn is_name(text: &str) -> bool {
    let legal = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !text.is_empty() && !text.starts_with('-') && !text.ends_with('-') && text.bytes().all(legal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::{Home, Registry};

    fn home(host: &str) -> Option<Home> {
        host.parse::<Registry>().expect("a registry").home()
    }

    #[test]
    fn every_region_has_a_host_and_every_host_is_known() {
        let table = [
            ("ap-guangzhou", "ccr"),
            ("ap-tianjin", "ccr"),
            ("ap-hongkong", "hkccr"),
            ("ap-shenzhen-fsi", "szjrccr"),
            ("ap-shanghai-fsi", "shjrccr"),
            ("ap-beijing-fsi", "bjjrccr"),
            ("ap-singapore", "sgccr"),
            ("ap-seoul", "krccr"),
            ("ap-tokyo", "jpccr"),
            ("ap-mumbai", "inccr"),
            ("ap-bangkok", "thccr"),
            ("na-toronto", "caccr"),
            ("na-siliconvalley", "uswccr"),
            ("na-ashburn", "useccr"),
            ("eu-frankfurt", "deccr"),
            ("eu-moscow", "ruccr"),
        ];
        for (region, prefix) in table {
            let host = TencentHost::personal(region).expect(region);
            assert_eq!(host.to_string(), format!("{prefix}.ccs.tencentyun.com"));
            assert_eq!(home(&host.to_string()), Some(Home::Tencent(host)), "{region}");
        }
        assert_eq!(TencentHost::personal_regions().count(), 22);
        assert_eq!(TencentHost::personal("mars"), None);
        let tcr = TencentHost::enterprise("tcr-test").expect("a name");
        assert_eq!(tcr.to_string(), "tcr-test.tencentcloudcr.com");
        assert_eq!(home("tcr-test.tencentcloudcr.com"), Some(Home::Tencent(tcr)));
    }

    #[test]
    fn what_only_looks_like_tencent_is_not() {
        for host in [
            "xccr.ccs.tencentyun.com",
            "ccs.tencentyun.com",
            "a.ccr.ccs.tencentyun.com",
            "ccr.ccs.tencentyun.com.evil.test",
            "ccr.ccs.tencentyun.com:5000",
            "tencentcloudcr.com",
            "a.b.tencentcloudcr.com",
            "eviltencentcloudcr.com",
            "tcr.tencentcloudcr.com.evil.test",
        ] {
            assert_eq!(home(host), None, "{host}");
        }
        assert!(TencentHost::enterprise("a.b").is_none() && TencentHost::enterprise("").is_none());
    }
}

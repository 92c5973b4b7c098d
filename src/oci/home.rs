//! Whose registry a host is, where its name says so. Contacts nobody.

use super::{Registry, TencentHost};

/// Those whose registries are known by the names of their hosts.
///
/// A name that only looks like one of theirs is none: what belongs to a cloud is shown to nobody
/// else. A host with a port is not theirs either.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Home {
    /// Amazon ECR: the private registry of an account in a region.
    Ecr(EcrHost),
    /// Amazon's public gallery, `public.ecr.aws`.
    EcrPublic,
    /// Google Artifact Registry, also under its older names (`gcr.io`).
    Google,
    /// Azure Container Registry.
    Azure(AzureCloud),
    /// GitHub's registry, `ghcr.io`.
    GitHub,
    /// Alibaba Cloud's registry, Enterprise Edition: an instance in a region.
    Aliyun(AliyunHost),
    /// Huawei Cloud's SWR: a region.
    Swr(SwrHost),
    /// A registry of Tencent Cloud.
    Tencent(TencentHost),
}

/// Where an instance of Alibaba Cloud's registry answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliyunHost {
    /// What the instance is called.
    pub instance: String,
    /// Such as `cn-hangzhou`.
    pub region: String,
    /// From where.
    pub network: AliyunNetwork,
}

/// From where an instance of Alibaba Cloud's registry can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AliyunNetwork {
    /// Everywhere.
    Public,
    /// Its own networks (VPC).
    Private,
}

/// Where Huawei Cloud's SWR answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwrHost {
    /// Such as `cn-north-4`.
    pub region: String,
    /// The domain of the region's services, such as `myhuaweicloud.com`.
    pub domain: &'static str,
}

/// Where the private registry of an account answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EcrHost {
    /// Such as `eu-west-1`.
    pub region: String,
    /// The domain of the region's services, such as `amazonaws.com`.
    pub domain: &'static str,
    /// Whether the host is one of the FIPS endpoints.
    pub fips: bool,
}

/// The separate clouds of Azure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AzureCloud {
    /// `azurecr.io`.
    Public,
    /// `azurecr.cn`.
    China,
    /// `azurecr.us`.
    UsGovernment,
}

/// Ends of the hosts of private registries, and the domain in which their region's services are.
const ECR_DOMAINS: [(&str, &str); 5] = [
    (".amazonaws.com.cn", "amazonaws.com.cn"),
    (".amazonaws.com", "amazonaws.com"),
    (".amazonaws.eu", "amazonaws.eu"),
    (".on.amazonwebservices.com.cn", "amazonaws.com.cn"),
    (".on.aws", "amazonaws.com"),
];

/// The domains of Huawei Cloud's services.
const SWR_DOMAINS: [&str; 2] = ["myhuaweicloud.com", "myhuaweicloud.eu"];

/// Digits of the number of an AWS account.
const ACCOUNT_DIGITS: usize = 12;

impl Registry {
    /// Whose registry this is; none for all that are not known by their names.
    pub fn home(&self) -> Option<Home> {
        let host = self.as_str();
        match host {
            "public.ecr.aws" | "ecr-public.aws.com" => return Some(Home::EcrPublic),
            "ghcr.io" => return Some(Home::GitHub),
            "gcr.io" => return Some(Home::Google),
            _ => {}
        }
        if let Some(ecr) = EcrHost::of(host) {
            return Some(Home::Ecr(ecr));
        }
        if let Some(tencent) = TencentHost::of(host) {
            return Some(Home::Tencent(tencent));
        }
        let own = |end: &str| host.strip_suffix(end).filter(|name| is_label(name));
        if own(".gcr.io").is_some() || own("-docker.pkg.dev").is_some() {
            return Some(Home::Google);
        }
        let clouds = [
            (".azurecr.io", AzureCloud::Public),
            (".azurecr.cn", AzureCloud::China),
            (".azurecr.us", AzureCloud::UsGovernment),
        ];
        let azure = clouds.into_iter().find(|(end, _)| own(end).is_some());
        azure
            .map(|(_, cloud)| Home::Azure(cloud))
            .or_else(|| AliyunHost::of(host).map(Home::Aliyun))
            .or_else(|| SwrHost::of(host).map(Home::Swr))
    }
}

impl AliyunHost {
    /// `NAME-registry.REGION.cr.aliyuncs.com`, and `NAME-registry-vpc.…` for its own networks.
    fn of(host: &str) -> Option<Self> {
        let (name, region) = host.strip_suffix(".cr.aliyuncs.com")?.split_once('.')?;
        let (instance, network) = match name.strip_suffix("-registry-vpc") {
            Some(instance) => (instance, AliyunNetwork::Private),
            None => (name.strip_suffix("-registry")?, AliyunNetwork::Public),
        };
        let (instance, region) = (instance.to_owned(), region.to_owned());
        (is_label(&instance) && is_label(&region)).then_some(Self { instance, region, network })
    }
}

impl SwrHost {
    /// `swr.REGION.myhuaweicloud.com`, and the same in the domain of Europe.
    fn of(host: &str) -> Option<Self> {
        let rest = host.strip_prefix("swr.")?;
        SWR_DOMAINS.iter().find_map(|domain| {
            let region = rest.strip_suffix(domain)?.strip_suffix('.')?;
            is_label(region).then(|| Self { region: region.to_owned(), domain })
        })
    }
}

impl EcrHost {
    /// `ACCOUNT.dkr.ecr.REGION.amazonaws.com` and its kin: with `-fips`, with a dash for the second
    /// dot (the hosts that have IPv6), and in the domains of other partitions.
    fn of(host: &str) -> Option<Self> {
        let (rest, domain) = ECR_DOMAINS
            .iter()
            .find_map(|(end, domain)| host.strip_suffix(end).map(|rest| (rest, *domain)))?;
        let (account, rest) = rest.split_once(".dkr")?;
        let rest = rest.strip_prefix(['.', '-'])?.strip_prefix("ecr")?;
        let (fips, region) = match rest.strip_prefix("-fips.") {
            Some(region) => (true, region),
            None => (false, rest.strip_prefix('.')?),
        };
        let numbered = account.len() == ACCOUNT_DIGITS && account.bytes().all(|b| b.is_ascii_digit());
        (numbered && is_label(region)).then(|| Self { region: region.to_owned(), domain, fips })
    }
}

/// One label of a host name.
fn is_label(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(host: &str) -> Option<Home> {
        host.parse::<Registry>().expect("a registry").home()
    }

    #[test]
    fn the_hosts_of_the_clouds_are_known() {
        let ecr =
            |region: &str, domain, fips| Some(Home::Ecr(EcrHost { region: region.into(), domain, fips }));
        let swr = |region: &str, domain| Some(Home::Swr(SwrHost { region: region.into(), domain }));
        let aliyun = |network| {
            let (instance, region) = ("acme".to_owned(), "cn-hangzhou".to_owned());
            Some(Home::Aliyun(AliyunHost { instance, region, network }))
        };
        for (host, expected) in [
            ("123456789012.dkr.ecr.eu-west-1.amazonaws.com", ecr("eu-west-1", "amazonaws.com", false)),
            (
                "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
                ecr("cn-north-1", "amazonaws.com.cn", false),
            ),
            ("123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", ecr("us-east-1", "amazonaws.com", true)),
            ("123456789012.dkr-ecr.eu-west-1.on.aws", ecr("eu-west-1", "amazonaws.com", false)),
            (
                "123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu",
                ecr("eusc-de-east-1", "amazonaws.eu", false),
            ),
            ("public.ecr.aws", Some(Home::EcrPublic)),
            ("europe-west1-docker.pkg.dev", Some(Home::Google)),
            ("gcr.io", Some(Home::Google)),
            ("EU.gcr.io", Some(Home::Google)),
            ("mine.azurecr.io", Some(Home::Azure(AzureCloud::Public))),
            ("mine.azurecr.cn", Some(Home::Azure(AzureCloud::China))),
            ("mine.azurecr.us", Some(Home::Azure(AzureCloud::UsGovernment))),
            ("ghcr.io", Some(Home::GitHub)),
            ("acme-registry.cn-hangzhou.cr.aliyuncs.com", aliyun(AliyunNetwork::Public)),
            ("acme-registry-vpc.cn-hangzhou.cr.aliyuncs.com", aliyun(AliyunNetwork::Private)),
            ("swr.cn-north-4.myhuaweicloud.com", swr("cn-north-4", "myhuaweicloud.com")),
            ("swr.eu-west-101.myhuaweicloud.eu", swr("eu-west-101", "myhuaweicloud.eu")),
        ] {
            assert_eq!(home(host), expected, "{host}");
        }
    }

    #[test]
    fn what_only_looks_like_a_cloud_is_none() {
        for host in [
            "docker.io",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.test",
            "123456789012.dkr.ecr.eu-west-1.evil.amazonaws.com",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com:5000",
            "12345.dkr.ecr.eu-west-1.amazonaws.com",
            "dkr.ecr.eu-west-1.amazonaws.com",
            "123456789012.s3.eu-west-1.amazonaws.com",
            "123456789012.dkr.ecr.amazonaws.com",
            "evil-gcr.io",
            "a.b.gcr.io",
            "docker.pkg.dev",
            "evil.test-docker.pkg.dev",
            "azurecr.io",
            "a.b.azurecr.io",
            "mine.azurecr.io.evil.test",
            "ghcr.io:443",
            "xghcr.io",
            "containers.ghcr.io",
            "registry.cn-hangzhou.aliyuncs.com",
            "crpi-1.cn-hangzhou.personal.cr.aliyuncs.com",
            "-registry.cn-hangzhou.cr.aliyuncs.com",
            "acme-registry.cr.aliyuncs.com",
            "acme-registry.x.cn-hangzhou.cr.aliyuncs.com",
            "acme-registry.cn-hangzhou.cr.aliyuncs.com.evil.test",
            "acme-registry.cn-hangzhou.cr.aliyuncs.com:443",
            "swr.myhuaweicloud.com",
            "swr.a.b.myhuaweicloud.com",
            "swr-api.cn-north-4.myhuaweicloud.com",
            "swr.cn-north-4.evilmyhuaweicloud.com",
            "swr.cn-north-4.myhuaweicloud.com.evil.test",
        ] {
            assert_eq!(home(host), None, "{host}");
        }
    }
}

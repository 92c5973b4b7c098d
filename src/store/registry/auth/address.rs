//! Which addresses lie inside: of this machine, its network or its cloud. Never resolves a name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How far inside an address lies, from the outside in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Zone {
    /// The public internet.
    Public,
    /// A network that is ours: private and shared addresses, benchmarks.
    Network,
    /// This machine.
    Machine,
    /// What is on the link: where clouds keep the metadata of their machines, and what is no address of
    /// anybody, such as multicast.
    Link,
}

impl Zone {
    /// Where an address lies.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => of_v4(v4),
            IpAddr::V6(v6) => embedded(v6).map_or_else(|| of_v6(v6), of_v4),
        }
    }

    /// Whether somebody who lies here may lead us to what lies in `other`: no further inside.
    pub fn may_lead_to(self, other: Self) -> bool {
        other <= self
    }
}

/// Whether an address is not one of the public internet: loopback, link-local (where clouds keep
/// their metadata), private, shared, unspecified, multicast or reserved.
///
/// What a registry says is not followed to such an address, unless the registry lies there itself.
pub fn is_internal(address: IpAddr) -> bool {
    Zone::of(address) != Zone::Public
}

/// Azure's host, as each of its machines sees it: a public address that is none.
const WIRE_SERVER: [u8; 4] = [168, 63, 129, 16];
/// Alibaba's metadata, in the shared address space.
const SHARED_METADATA: [u8; 4] = [100, 100, 100, 200];
/// Amazon's metadata over IPv6, in the space of unique local addresses.
const UNIQUE_LOCAL_METADATA: [u16; 2] = [0xfd00, 0x0ec2];

fn of_v4(address: Ipv4Addr) -> Zone {
    let octets @ [a, b, c, _] = address.octets();
    let metadata = octets == WIRE_SERVER || octets == SHARED_METADATA;
    // RFC 6890, protocol assignments: also where one cloud keeps its metadata.
    let assigned = a == 192 && b == 0 && c == 0;
    if metadata || assigned || address.is_link_local() || a >= 224 {
        return Zone::Link;
    }
    // "This network", of which Linux makes this machine.
    if a == 0 || address.is_loopback() {
        return Zone::Machine;
    }
    // RFC 6598, shared address space; RFC 2544, benchmarks.
    let shared = a == 100 && (64..128).contains(&b);
    let benchmarks = a == 198 && (18..20).contains(&b);
    if address.is_private() || shared || benchmarks { Zone::Network } else { Zone::Public }
}

fn of_v6(address: Ipv6Addr) -> Zone {
    let segments = address.segments();
    let metadata = segments[..2] == UNIQUE_LOCAL_METADATA;
    if metadata || address.is_multicast() || address.is_unicast_link_local() {
        return Zone::Link;
    }
    if address.is_loopback() || address.is_unspecified() {
        return Zone::Machine;
    }
    // RFC 3879, site-local: deprecated, and still routed in places.
    let site_local = (segments[0] & 0xffc0) == 0xfec0;
    if address.is_unique_local() || site_local { Zone::Network } else { Zone::Public }
}

/// The IPv4 address that an IPv6 one stands for: mapped, compatible, NAT64 (RFC 6052) or 6to4.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = address.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Some(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] => v4(high, low),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => v4(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
        [0x2002, high, low, ..] => v4(high, low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: [(Zone, &[&str]); 4] = [
        (
            Zone::Public,
            &["1.1.1.1", "100.63.0.1", "172.32.0.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"],
        ),
        (
            Zone::Network,
            &[
                "10.0.0.1",
                "172.16.0.1",
                "192.168.1.1",
                "100.64.0.1",
                "198.18.0.1",
                "fc00::1",
                "fec0::1",
                "::ffff:10.0.0.1",
            ],
        ),
        (
            Zone::Machine,
            &[
                "127.0.0.1",
                "127.9.9.9",
                "0.0.0.0",
                "::1",
                "::",
                "::ffff:127.0.0.1",
                "::127.0.0.1",
                "2002:7f00:1::",
            ],
        ),
        (
            Zone::Link,
            &[
                "169.254.169.254",
                "168.63.129.16",
                "100.100.100.200",
                "192.0.0.192",
                "224.0.0.1",
                "255.255.255.255",
                "fe80::1",
                "fd00:ec2::254",
                "ff02::1",
                "::ffff:169.254.169.254",
                "64:ff9b::a9fe:a9fe",
            ],
        ),
    ];

    #[test]
    fn addresses_that_are_not_public_are_internal() {
        for (zone, addresses) in TABLE {
            for text in addresses {
                let address = text.parse().expect("an address");
                assert_eq!(Zone::of(address), zone, "{text}");
                assert_eq!(is_internal(address), zone != Zone::Public, "{text}");
            }
        }
    }

    #[test]
    fn nobody_leads_further_inside_than_they_lie() {
        use Zone::{Link, Machine, Network, Public};
        let allowed = |zone: Zone| [Public, Network, Machine, Link].map(|other| zone.may_lead_to(other));
        assert_eq!(allowed(Public), [true, false, false, false]);
        assert_eq!(allowed(Network), [true, true, false, false]);
        assert_eq!(allowed(Machine), [true, true, true, false]);
    }
}

"""Which IP addresses are of the public internet."""

from __future__ import annotations

import ipaddress
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network

# The special-purpose registries of IANA and what clouds use beside them. `is_global` of the standard library knows most
# of it, but not alike in every Python that we run on, and counts relays and the metadata service of Azure as global.
SPECIAL: tuple[IpNetwork, ...] = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
)
# All else of IPv6 is local, embeds an IPv4 address (mapped, NAT64), or is not given out yet.
GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")
# No operator means these by naming a host: the machine's own link with the metadata services on it, everybody, nobody.
NEVER: tuple[IpNetwork, ...] = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "168.63.129.16/32",
        "169.254.0.0/16",
        "192.0.0.192/32",
        "100.100.100.200/32",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/128",
        "::ffff:0:0/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2002::/16",
        "fd00:ec2::/32",
        "fe80::/10",
        "ff00::/8",
    )
)


def is_public(address: IpAddress) -> bool:
    """Whether anybody on the internet could have this address."""
    if address.version == 6 and address not in GLOBAL_UNICAST:
        return False
    return address.is_global and not address.is_multicast and not _is_in(address, SPECIAL)


def is_private(address: IpAddress) -> bool:
    """Whether an operator may name a host with this address: public or private, but of some machine of theirs."""
    return not _is_in(address, NEVER)


def _is_in(address: IpAddress, networks: tuple[IpNetwork, ...]) -> bool:
    return any(address in network for network in networks)

"""Addresses that users give, read strictly: what browsers and libraries read differently is refused, not guessed at."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

from chalicelib.outbound.addresses import IpAddress
from chalicelib.outbound.errors import UrlRefused

LONGEST_URL = 2000
DEFAULT_PORTS = {"http": 80, "https": 443}
# RFC 3986, without user information, fragments and percent-encoded hosts.
URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]{2,45}\]|[a-z0-9.-]{1,253})(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<target>/[!$&-;=@-\[\]_a-z~%]*)?(?P<query>\?[!$&-;=?@-\[\]_a-z~%/]*)?",
    re.IGNORECASE | re.ASCII,
)
NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.ASCII)
# What the WHATWG standard, and inet_aton with it, takes for an IPv4 address: 127.1, 0x7f.0.0.1, 017700000001, ...
LOOKS_LIKE_IPV4 = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class OutboundUrl:
    """Where a request goes. `host` is lower-case, an IPv6 address without brackets; `target` is path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def address(self) -> IpAddress | None:
        """The host, where it is an address and no name."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None

    @property
    def origin(self) -> str:
        """Scheme, host and port: what may be told of it, since a path or query may hold a secret."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        is_usual = self.port == DEFAULT_PORTS[self.scheme]
        return f"{self.scheme}://{host}" if is_usual else f"{self.scheme}://{host}:{self.port}"


def parse(text: str) -> OutboundUrl:
    """The address in `text`. Raises UrlRefused saying what is wrong with it."""
    if len(text) > LONGEST_URL:
        raise UrlRefused(f"an address has {LONGEST_URL} characters at most")
    match = URL.fullmatch(text)
    if match is None:
        raise UrlRefused(
            "write it as https://host/path, in plain ASCII, without user name, fragment or spaces; "
            "an international name in its xn-- form"
        )
    scheme = match["scheme"].lower()
    port = int(match["port"] or DEFAULT_PORTS[scheme])
    if port > 65535:
        raise UrlRefused("there is no such port")
    target = (match["target"] or "/") + (match["query"] or "")
    return OutboundUrl(scheme, _host(match["host"].lower()), port, target)


def _host(text: str) -> str:
    try:
        if text.startswith("["):
            return str(ipaddress.IPv6Address(text[1:-1]))
        if LOOKS_LIKE_IPV4.fullmatch(text):
            return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise UrlRefused("an IPv4 address is four decimal numbers, an IPv6 address stands in brackets") from None
    if NAME.fullmatch(text) is None:
        raise UrlRefused("this is no host name")
    return text

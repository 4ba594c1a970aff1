"""Where requests may go, and the check that decides it: asked of the very addresses that are then connected to."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.outbound.addresses import IpAddress, is_private, is_public
from chalicelib.outbound.errors import AddressRefused, NameNotResolved, UrlRefused
from chalicelib.outbound.urls import OutboundUrl
from chalicelib.settings import Settings

Resolve = Callable[[str, int], list[str]]
OWN_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Policy:
    """`ports` None means any. `private_hosts` may have private addresses, since the operator named them."""

    schemes: frozenset[str] = frozenset({"https"})
    ports: frozenset[int] | None = frozenset({443})
    private_hosts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, config: Settings) -> Policy:
        """HTTPS to the configured ports; in local also HTTP, any port and this machine, so that a developer can
        receive webhooks."""
        named = frozenset(host.lower() for host in config.outbound_allowed_hosts)
        if config.is_local:
            return cls(frozenset({"http", "https"}), None, named | OWN_MACHINE)
        return cls(ports=frozenset(config.webhook_allowed_ports), private_hosts=named)

    def check(self, url: OutboundUrl) -> None:
        """What can be said before anything is resolved. Raises UrlRefused, AddressRefused."""
        if url.scheme not in self.schemes:
            raise UrlRefused("use https")
        if self.ports is not None and url.port not in self.ports:
            allowed = ", ".join(str(port) for port in sorted(self.ports))
            raise UrlRefused(f"we send to no other port than {allowed}")
        if url.address is not None:
            self._check_address(url, url.address)

    def addresses(self, url: OutboundUrl, resolve: Resolve) -> list[IpAddress]:
        """The addresses to connect to, in order. Raises AddressRefused when any of them is special: a name that leads
        to the internet and to a private network alike is a mistake or an attack."""
        if url.address is not None:
            found = [url.address]
        else:
            found = [ipaddress.ip_address(text) for text in dict.fromkeys(resolve(url.host, url.port))]
        if not found:
            raise NameNotResolved("this host has no address")
        for address in found:
            self._check_address(url, address)
        return found

    def _check_address(self, url: OutboundUrl, address: IpAddress) -> None:
        may_be_private = url.host in self.private_hosts
        if not (is_public(address) or (may_be_private and is_private(address))):
            raise AddressRefused


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system knows them. Raises NameNotResolved."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NameNotResolved("no address is known for this host") from None
    return [str(address[0]) for *_, address in found]

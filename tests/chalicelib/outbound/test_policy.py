"""Only addresses of the public internet, and what the operator named, are ever connected to."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from chalicelib.outbound.addresses import is_private, is_public
from chalicelib.outbound.errors import AddressRefused, NameNotResolved, UrlRefused
from chalicelib.outbound.policy import Policy
from chalicelib.outbound.urls import parse
from chalicelib.settings import read

SPECIAL = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.0.1",
    "169.254.169.254",
    "169.254.170.2",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.168.255.255",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "100::1",
    "100:0:0:1::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::",
    "2002:808:808::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fdff::1",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "4000::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.1",
    "100.63.255.255",
    "100.128.0.1",
    "126.255.255.255",
    "128.0.0.1",
    "172.15.255.255",
    "172.32.0.1",
    "192.167.255.255",
    "198.17.255.255",
    "198.20.0.1",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450::1",
    "2001:4860::8888",
]
SPELLED_OUT = [f"[{text}]" if ":" in text else text for text in SPECIAL]


def nobody(_host: str, _port: int) -> list[str]:
    raise AssertionError("an address is not resolved")


@pytest.mark.parametrize("text", SPECIAL)
def test_a_special_address_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_an_address_of_the_internet_is_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize("host", SPELLED_OUT)
def test_a_special_address_in_a_url_is_refused_at_once_and_at_connect(host: str) -> None:
    url = parse(f"https://{host}/")

    with pytest.raises(AddressRefused):
        Policy().check(url)
    with pytest.raises(AddressRefused):
        Policy().addresses(url, nobody)


@pytest.mark.parametrize("text", SPECIAL)
def test_a_name_with_a_special_address_among_public_ones_is_refused(text: str) -> None:
    url = parse("https://hooks.example.com/")

    for found in ([text], ["8.8.8.8", text], [text, "8.8.8.8"]):
        with pytest.raises(AddressRefused):
            Policy().addresses(url, lambda *_, found=found: found)


def test_a_name_with_public_addresses_gives_each_once_in_order() -> None:
    found = Policy().addresses(parse("https://a.example/"), lambda *_: ["8.8.8.8", "2606:4700::1", "8.8.8.8"])

    assert [str(address) for address in found] == ["8.8.8.8", "2606:4700::1"]


def test_a_name_without_addresses_is_said_so() -> None:
    with pytest.raises(NameNotResolved):
        Policy().addresses(parse("https://a.example/"), lambda *_: [])


def test_outside_local_only_https_on_the_allowed_ports_is_sent_to() -> None:
    arn = "arn:aws:secretsmanager:eu-central-1:1:secret:t"
    outside = {"RECRUITPRO_ENVIRONMENT": "production", "RECRUITPRO_TOKEN_SECRET_ARN": arn}
    usual = Policy.of(read(outside))
    wider = Policy.of(read({**outside, "RECRUITPRO_WEBHOOK_ALLOWED_PORTS": "443, 8443"}))

    usual.check(parse("https://a.example/"))
    wider.check(parse("https://a.example:8443/"))
    for policy, text in (
        (usual, "http://a.example/"),
        (usual, "https://a.example:8443/"),
        (usual, "https://a.example:22/"),
        (wider, "https://a.example:22/"),
    ):
        with pytest.raises(UrlRefused):
            policy.check(parse(text))
    for text in ("https://127.0.0.1/", "https://localhost/"):
        with pytest.raises(AddressRefused):
            usual.addresses(parse(text), lambda *_: ["127.0.0.1"])


def test_a_host_that_the_operator_named_may_be_private_and_nothing_worse() -> None:
    arn = "arn:aws:secretsmanager:eu-central-1:1:secret:t"
    policy = Policy.of(
        read(
            {
                "RECRUITPRO_ENVIRONMENT": "production",
                "RECRUITPRO_TOKEN_SECRET_ARN": arn,
                "RECRUITPRO_OUTBOUND_ALLOWED_HOSTS": "Hooks.internal, 10.1.2.3",
            }
        )
    )
    named = parse("https://hooks.internal/")

    assert policy.addresses(named, lambda *_: ["10.0.0.9", "fd12::1"])
    policy.check(parse("https://10.1.2.3/"))
    for special in ("169.254.169.254", "fd00:ec2::254", "0.0.0.0", "224.0.0.1", "::ffff:10.0.0.9", "100.100.100.200"):
        assert not is_private(ip_address(special))
        with pytest.raises(AddressRefused):
            policy.addresses(named, lambda *_, special=special: ["10.0.0.9", special])
    with pytest.raises(AddressRefused):
        policy.addresses(parse("https://other.internal/"), lambda *_: ["10.0.0.9"])


def test_in_local_this_machine_may_be_named_but_no_name_may_lead_to_it() -> None:
    policy = Policy.of(read({}))

    policy.check(parse("http://127.0.0.1:8099/"))
    assert policy.addresses(parse("http://localhost:8099/"), lambda *_: ["127.0.0.1"])
    for text in ("http://rebound.example/", "http://127.0.0.2/", "http://10.0.0.1/"):
        with pytest.raises(AddressRefused):
            policy.addresses(parse(text), lambda *_: ["127.0.0.1"])

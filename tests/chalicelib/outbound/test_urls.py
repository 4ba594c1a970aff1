"""Addresses that users give are read strictly, and one that could be read in two ways is refused."""

from __future__ import annotations

import pytest

from chalicelib.outbound.errors import UrlRefused
from chalicelib.outbound.urls import LONGEST_URL, OutboundUrl, parse


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("https://hooks.example.com", ("https", "hooks.example.com", 443, "/")),
        ("HTTPS://Hooks.Example.COM/In?a=1&b=%20", ("https", "hooks.example.com", 443, "/In?a=1&b=%20")),
        ("http://a.example:8080/x;y=~1", ("http", "a.example", 8080, "/x;y=~1")),
        ("https://xn--bcher-kva.example/", ("https", "xn--bcher-kva.example", 443, "/")),
        ("https://8.8.8.8/x", ("https", "8.8.8.8", 443, "/x")),
        ("https://[2606:4700:4700:0::1111]:443/x", ("https", "2606:4700:4700::1111", 443, "/x")),
        ("https://a.example?x=1", ("https", "a.example", 443, "/?x=1")),
    ],
)
def test_a_plain_address_is_read(text: str, parts: tuple[str, str, int, str]) -> None:
    assert parse(text) == OutboundUrl(*parts)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hooks.example.com",
        "//hooks.example.com/",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_",
        "javascript:alert(1)",
        "https:/hooks.example.com",
        "https:///x",
        "https://user@hooks.example.com/",
        "https://user:password@hooks.example.com/",
        "https://public.example@127.0.0.1/",
        "https://127.0.0.1\\@public.example/",
        "https://public.example\\.internal/",
        "https://hooks.example.com/#fragment",
        "https://hooks.example.com#@127.0.0.1/",
        "https://hooks.example.com/a b",
        "https://hooks.example.com/\r\nHost: internal",
        "https://hooks.example.com/\x00",
        "https://hooks.example.com/\t",
        " https://hooks.example.com/",
        "https://hooks.example.com/\n",
        "https://hooks.example.com./",
        "https://.hooks.example.com/",
        "https://hooks..example.com/",
        "https://-hooks.example.com/",
        "https://hooks_.example.com/",
        "https://" + "a" * 64 + ".example/",
        "https://bücher.example/",
        "https://１２７.0.0.1/",
        "https://127。0。0。1/",
        "https://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
        "https://%31%32%37.0.0.1/",
        "https://hooks%2eexample.com/",
        "https://127.1/",
        "https://127.0.1/",
        "https://2130706433/",
        "https://017700000001/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0X7F.1/",
        "https://0177.0.0.1/",
        "https://127.0.0.01/",
        "https://127.0.0.1./",
        "https://127.0.0.0x1/",
        "https://a.example.0x/",
        "https://256.0.0.1/",
        "https://1.2.3.4.5/",
        "https://2852039166/",
        "https://0xa9fea9fe/",
        "https://0251.0376.0251.0376/",
        "https://169.16689662/",
        "https://[::1%25lo]/",
        "https://[fe80::1%eth0]/",
        "https://[::1/",
        "https://::1/",
        "https://[127.0.0.1]/",
        "https://[1::2::3]/",
        "https://hooks.example.com:0/",
        "https://hooks.example.com:65536/",
        "https://hooks.example.com:443:443/",
        "https://hooks.example.com:/",
        "https://hooks.example.com:0443/",
        "https://hooks.example.com:١/",
        "https://hooks.example.com/" + "x" * LONGEST_URL,
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(UrlRefused):
        parse(text)


def test_of_an_address_only_its_origin_is_told() -> None:
    assert parse("https://hooks.example.com/secret?token=secret").origin == "https://hooks.example.com"
    assert parse("https://[2606:4700::1]:8443/secret").origin == "https://[2606:4700::1]:8443"

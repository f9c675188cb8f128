"""Which addresses belong to the internet at large, however they are written."""

import pytest

from fastflow.domain.addresses import as_address, is_public


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0",  # noqa: S104 - not bound to
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "192.168.1.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "fc00::1",
        "fe80::1",
        "ff02::1",
    ],
)
def test_this_machine_and_private_networks_are_not_public(text: str) -> None:
    address = as_address(text)
    assert address is not None
    assert not is_public(address)


@pytest.mark.parametrize(
    "text", ["8.8.8.8", "140.82.121.4", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_the_rest_is_public(text: str) -> None:
    address = as_address(text)
    assert address is not None
    assert is_public(address)


@pytest.mark.parametrize("text", ["github.com", "", "127.1", "2130706433", "0x7f.0.0.1"])
def test_a_name_is_no_address(text: str) -> None:
    assert as_address(text) is None

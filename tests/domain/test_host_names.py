"""One reading of the names by which requests address a server."""

import pytest

from fastflow.domain.host_names import canonical, host_of_header


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("flows.example.org", "flows.example.org"),
        ("flows.example.org:8443", "flows.example.org"),
        ("FLOWS.Example.ORG", "flows.example.org"),
        ("flows.example.org.", "flows.example.org"),
        ("flows.example.org.:443", "flows.example.org"),
        ("flow_server:8000", "flow_server"),
        ("192.0.2.1:8000", "192.0.2.1"),
        ("[2001:DB8::1]:8000", "2001:db8::1"),
        ("[2001:db8:0:0:0:0:0:1]", "2001:db8::1"),
        ("[::1]", "::1"),
    ],
)
def test_spellings_of_one_host_are_one(header: str, host: str) -> None:
    assert host_of_header(header) == host


@pytest.mark.parametrize(
    "header",
    [
        "",
        ":8000",
        ".",
        "..",
        "flows.example.org..",
        ".flows.example.org",
        "flows.example.org:",
        "flows.example.org:80:80",
        "flows.example.org:port",
        "flows.example.org, evil.example",
        "user@flows.example.org",
        "evil.example/flows.example.org",
        "evil.example#flows.example.org",
        "evil.example?flows.example.org",
        "flows.example.org\\evil.example",
        " flows.example.org",
        "flows.example.org\n",
        "2001:db8::1",
        "[2001:db8::1",
        "[127.0.0.1]x",
        "[::1%25eth0]",
        "a" * 300,
        "a" * 64 + ".example",
        "*",
    ],
)
def test_what_is_no_host_is_none(header: str) -> None:
    assert host_of_header(header) is None


def test_a_name_in_another_script_is_compared_as_browsers_send_it() -> None:
    assert canonical("Flüsse.example") == "xn--flsse-lva.example"

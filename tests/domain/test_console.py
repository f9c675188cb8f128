"""What consoles ask for: only what cannot lead a code away, and shows well."""

import pytest

from fastflow.domain.console import check_word, console_request, machine_name
from fastflow.domain.errors import Invalid

WORD = "a" * 43
HERE = "http://127.0.0.1:49152/"


@pytest.mark.parametrize("address", [HERE, "http://[::1]:1/", "http://127.0.0.1:65535/"])
def test_a_console_listens_on_the_browsers_machine(address: str) -> None:
    console = console_request(address, WORD, WORD, "laptop")
    assert console.allowed("c") == f"{address}?code=c&state={WORD}"
    assert console.refused("no", "a b&c") == f"{address}?error=no&error_description=a+b%26c&state={WORD}"


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://127.0.0.1/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:65536/",
        "http://127.1:80/",
        f"{HERE}x",
    ],
)
def test_no_other_address_gets_a_code(address: str) -> None:
    with pytest.raises(Invalid) as refusal:
        console_request(address, WORD, WORD, "laptop")
    assert refusal.value.code == "console_request_invalid"
    assert "address" in refusal.value.fields


@pytest.mark.parametrize(
    ("told", "shown"),
    [("laptop", "laptop"), ("a\x1b[31m\nb", "a[31mb"), ("", "a machine"), ("x" * 99, "x" * 40)],
)
def test_the_name_of_a_machine_can_be_shown(told: str, shown: str) -> None:
    assert machine_name(told) == shown


def test_two_consoles_show_different_letters() -> None:
    words = {check_word(f"{number}") for number in range(100)}
    assert len(words) == 100
    assert all(len(word) == 9 and word.isascii() and word.upper() == word for word in words)

"""Signatures against the examples of those who send them; comparisons that tell nothing by their number."""

import base64
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from fastflow.domain import signatures
from fastflow.domain.signatures import (
    Verdict,
    digest_of,
    has_hub_signature,
    is_hex_signature,
    is_hub_signature,
    is_token,
    position_of,
    standard_verdict,
)

SECRET = "It's a Secret to Everybody"  # noqa: S105 - GitHub's published example
BODY = b"Hello, World!"
SIGNATURE = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

# The vector in the tests of the libraries of github.com/standard-webhooks/standard-webhooks.
STANDARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105
STANDARD_BODY = b'{"test": 2432232314}'
STANDARD_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
STANDARD_TIME = 1614265330
STANDARD_SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def standard(
    given: str = STANDARD_SIGNATURE,
    *,
    secret: str = STANDARD_SECRET,
    body: bytes = STANDARD_BODY,
    delivery: str = STANDARD_ID,
    timestamp: str = str(STANDARD_TIME),
    late: timedelta = timedelta(),
) -> Verdict:
    now = datetime.fromtimestamp(STANDARD_TIME, UTC) + late
    return standard_verdict(secret, body, delivery=delivery, timestamp=timestamp, given=given, now=now)


def test_the_example_of_githubs_documentation_is_right() -> None:
    assert is_hub_signature(SECRET, BODY, f"sha256={SIGNATURE}")
    assert is_hex_signature(SECRET, BODY, SIGNATURE)
    assert is_hex_signature(SECRET, BODY, SIGNATURE.upper())


@pytest.mark.parametrize(
    "given",
    [
        "",
        "sha256=",
        SIGNATURE,
        f"sha1={SIGNATURE}",
        f"sha256={SIGNATURE[:-1]}8",
        f"sha256={SIGNATURE}0",
        f"sha256=sha256={SIGNATURE}",
        "sha256=ünïcode",
        "sha256=\udcff",
    ],
)
def test_anything_else_is_a_wrong_hub_signature(given: str) -> None:
    assert not is_hub_signature(SECRET, BODY, given)


@pytest.mark.parametrize("body", [b"Hello, World", b"hello, World!", b"Hello, World!\n", b""])
def test_another_body_has_another_signature(body: bytes) -> None:
    assert not is_hub_signature(SECRET, body, f"sha256={SIGNATURE}")


@pytest.mark.parametrize("secret", ["", "it's a Secret to Everybody", SECRET + " "])
def test_another_secret_makes_another_signature(secret: str) -> None:
    assert not is_hub_signature(secret, BODY, f"sha256={SIGNATURE}")


def test_a_header_that_gitea_sends_without_a_secret_is_no_signature() -> None:
    assert has_hub_signature(f"sha256={SIGNATURE}")
    assert [has_hub_signature(given) for given in (None, "", "sha256=")] == [False, False, False]


def test_a_token_is_the_secret_and_nothing_near_it() -> None:
    assert is_token("t0ken", "t0ken")
    assert [is_token("t0ken", given) for given in ("", "t0ke", "t0ken ", "T0ken", "ünïcode")] == [False] * 5


def test_the_example_of_standard_webhooks_is_right() -> None:
    assert standard() is Verdict.RIGHT
    assert standard(f"v1a,abc {STANDARD_SIGNATURE} v1,abc") is Verdict.RIGHT


@pytest.mark.parametrize(
    "given", ["", STANDARD_SIGNATURE.removeprefix("v1,"), STANDARD_SIGNATURE.replace("v1,", "v2,")]
)
def test_only_version_1_of_standard_webhooks_proves_anything(given: str) -> None:
    assert standard(given) is Verdict.WRONG


def test_a_standard_signature_covers_id_moment_and_body() -> None:
    assert standard(delivery="msg_other") is Verdict.WRONG
    assert standard(timestamp=str(STANDARD_TIME + 1)) is Verdict.WRONG
    assert standard(body=STANDARD_BODY + b" ") is Verdict.WRONG


@pytest.mark.parametrize("secret", [STANDARD_SECRET.removeprefix("whsec_"), "whsec_not base64!", ""])
def test_a_standard_signature_of_another_secret_is_wrong(secret: str) -> None:
    assert standard(secret=secret) is Verdict.WRONG


@pytest.mark.parametrize("minutes", [-6, 6, 60 * 24])
def test_a_right_signature_of_another_time_is_outdated(minutes: int) -> None:
    assert standard(late=timedelta(minutes=minutes)) is Verdict.OUTDATED


@pytest.mark.parametrize("minutes", [-5, 5])
def test_clocks_may_differ_by_five_minutes(minutes: int) -> None:
    assert standard(late=timedelta(minutes=minutes)) is Verdict.RIGHT


@pytest.mark.parametrize("timestamp", ["", "-1", "1e9", "٣", "9" * 13])
def test_a_moment_that_is_no_number_is_never_recent(timestamp: str) -> None:
    signed = standard_verdict(
        "s", b"", delivery="i", timestamp=timestamp, given=_signed(timestamp), now=datetime.now(UTC)
    )
    assert signed is Verdict.OUTDATED


def _signed(timestamp: str) -> str:
    mac = hmac.new(b"s", f"i.{timestamp}.".encode(), "sha256")
    return "v1," + base64.b64encode(mac.digest()).decode()


def test_a_key_is_found_wherever_it_stands() -> None:
    candidates = [digest_of(f"key-{number}") for number in range(40)]
    assert [position_of(f"key-{number}", candidates) for number in (0, 17, 39)] == [0, 17, 39]
    assert position_of("key-40", candidates) is None


@pytest.mark.parametrize("given", ["", "key", "\udcff"])
def test_nothing_is_found_where_there_is_no_candidate(given: str) -> None:
    assert position_of(given, []) is None


@pytest.fixture
def comparisons(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The lengths of all that is compared, by the function of the standard library that is meant for it."""
    made: list[tuple[int, int]] = []
    real = hmac.compare_digest

    def counting(one: str, other: str) -> bool:
        made.append((len(one), len(other)))
        return real(one, other)

    monkeypatch.setattr(signatures.hmac, "compare_digest", counting)
    return made


@pytest.mark.parametrize(
    ("given", "candidates"),
    [
        ("key-0", ["key-0", "key-1", "key-2"]),
        ("key-2", ["key-0", "key-1", "key-2"]),
        ("key-9", ["key-0", "key-1", "key-2"]),
        ("k", ["key-0"]),
        ("key-0", []),
        ("x" * 5000, []),
    ],
)
def test_the_same_comparisons_are_made_for_a_right_key_a_wrong_key_and_no_key(
    comparisons: list[tuple[int, int]], given: str, candidates: list[str]
) -> None:
    digests = [digest_of(candidate) for candidate in candidates]
    position_of(given, digests)
    assert comparisons == [(64, 64)] * 24

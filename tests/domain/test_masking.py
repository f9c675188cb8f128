"""No form of a secret gets past the masker, wherever the bytes are cut; and nothing else is touched."""

import base64
import html
import json
import shlex
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastflow.domain.line_splitter import LineSplitter
from fastflow.domain.log import Output, Stream
from fastflow.domain.masking import HideAll, SecretMasker
from fastflow.domain.masking_forms import forms_of
from fastflow.domain.secret import value_problem

LONGEST = 100
SECRET = "pä/ss w+o\"rd?x=1&y'2"  # noqa: S105 - of nothing
MULTI_LINE = (
    "-----BEGIN KEY-----\nMIIEvQIBADANBgkq/hkiG9w0B+AQEFAASC\n\tBKcwggSjAgEAAoIB\n-----END KEY-----\n"
)


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


FORMS: dict[str, Callable[[str], str]] = {
    "itself": str,
    "base64": base64_of,
    "base64 after one byte": lambda text: base64_of("u" + text),
    "base64 after two bytes": lambda text: base64_of("u:" + text),
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(f"u:{text}:?>".encode()).decode(),
    "base64 without padding": lambda text: base64_of(text).rstrip("="),
    "JSON": json.dumps,
    "JSON in UTF-8": lambda text: json.dumps({"a": text}, ensure_ascii=False),
    "JSON in JSON": lambda text: json.dumps(json.dumps([text])),
    "a URL's path": quote,
    "a URL's part": lambda text: quote(text, safe=""),
    "a form": quote_plus,
    "repr": repr,
    "repr of bytes": lambda text: repr(text.encode()),
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "HTML": html.escape,
    "a shell's word": shlex.quote,
}

values = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n"), min_size=4).filter(
    lambda text: value_problem(text) is None
)


def traces_of(value: str, text: str) -> list[str]:
    """Return the forms of a value that are in a text."""
    return [form.text.decode() for form in forms_of(value) if form.text in text.encode()]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", [SECRET, MULTI_LINE, "plainword", "abcd"])
def test_no_form_of_a_value_is_left(form: str, value: str) -> None:
    text = f"before {FORMS[form](value)} after"
    masked = SecretMasker([value]).text(text)
    assert traces_of(value, masked) == []
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert masked.count("\n") == text.count("\n"), "lines stay lines"


@given(st.lists(values, min_size=1, max_size=4), st.sampled_from(sorted(FORMS)), st.text(), st.text())
def test_no_generated_value_is_left_in_any_form(
    secrets: list[str], form: str, before: str, after: str
) -> None:
    masker = SecretMasker(secrets)
    text = before + "".join(FORMS[form](value) for value in secrets) + after
    masked = masker.text(text)
    data = masked.replace("***", "\0").encode(errors="surrogatepass")
    for value in secrets:
        assert not [one for one in forms_of(value) if one.text in data]


@pytest.mark.parametrize("before", ["", "u", "u:", "uu:"])
@pytest.mark.parametrize("after", ["", "@", "@h", "@ho"])
def test_what_is_left_of_base64_holds_no_bit_of_the_value(before: str, after: str) -> None:
    masks = {
        SecretMasker([value]).text(base64_of(before + value + after))
        for value in ("secret-one-1", "SECRET-TWO-2", "zzz-three-~~")
    }
    assert len(masks) == 1, "what stands around the mask depends on the neighbours alone"


def test_text_without_a_secret_is_not_touched() -> None:
    text = "an ordinary line, passw0rd, YWJj, 70617373 and so on\n" * 1000
    assert SecretMasker([SECRET, MULTI_LINE]).text(text) == text


def test_secrets_that_overlap_are_hidden_together() -> None:
    assert SecretMasker(["abcd-1", "-1efgh"]).text("x abcd-1efgh y") == "x *** y"


def test_many_secrets_are_all_hidden() -> None:
    secrets = [f"secret-number-{number:03}-{number * 7919 % 1009}" for number in range(200)]
    masked = SecretMasker(secrets).text(" ".join(secrets))
    assert masked == " ".join(["***"] * 200)


def test_a_line_of_a_long_value_is_hidden_by_itself() -> None:
    assert SecretMasker([MULTI_LINE]).text("> BKcwggSjAgEAAoIB <") == "> *** <"


@given(
    st.lists(st.integers(1, 40), max_size=30),
    st.lists(st.sampled_from([SECRET, "ordinary", "\n", "\n\n", base64_of(SECRET), MULTI_LINE]), max_size=12),
)
def test_however_writes_are_cut_the_masked_log_is_the_same_and_has_all_lines(
    cuts: list[int], parts: list[str]
) -> None:
    raw = "".join(parts).encode()
    splitter, masker = LineSplitter(), SecretMasker([SECRET, MULTI_LINE])
    outputs: list[Output] = []
    start = 0
    for cut in [*cuts, len(raw)]:
        outputs += masker.outputs(splitter.feed(1, Stream.STDOUT, raw[start : start + cut]))
        start += cut
    outputs += masker.outputs(splitter.finish(1))
    masked = b"".join(output.data for output in outputs)
    assert masked == SecretMasker([SECRET, MULTI_LINE]).text(raw.decode()).encode()
    assert sum(output.lines for output in outputs) == splitter.seen.total


@pytest.mark.parametrize("shift", range(1, len("a-long-secret")))
@pytest.mark.parametrize("resumes", [False, True])
def test_a_value_across_the_cut_of_a_very_long_line_is_hidden_also_after_a_crash(
    shift: int, resumes: bool
) -> None:
    secret = b"a-long-secret"
    line = b"." * (LONGEST - shift) + secret + b"!\n"
    pieces = LineSplitter(longest_line_bytes=LONGEST).feed(1, Stream.STDOUT, line)
    assert len(pieces) == 2
    masker = SecretMasker([secret.decode()], longest_line_bytes=LONGEST)
    first = masker.outputs(pieces[:1])[0]
    if resumes:
        masker = SecretMasker([secret.decode()], cut_streams=frozenset({Stream.STDOUT}))
    second = masker.outputs(pieces[1:])[0]
    assert first.data.strip(b".") == b"***"
    assert second.data == b"***!\n"


def test_an_unterminated_last_line_loses_nothing_to_a_cut_that_is_none() -> None:
    output = Output(1, Stream.STDOUT, b"not a-l", is_partial=True)
    assert SecretMasker(["a-long-secret"]).outputs([output]) == [output]


def test_where_nothing_is_known_every_line_is_hidden_and_counted() -> None:
    outputs = [Output(1, Stream.STDOUT, b"a\nb\n\n"), Output(1, Stream.STDERR, b"c", is_partial=True)]
    assert [output.data for output in HideAll().outputs(outputs)] == [b"***\n***\n***\n", b"***"]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("abc", "no line of 4 characters"),
        ("   a   ", "no line of 4 characters"),
        ("ab\ncd\nef", "no line of 4 characters"),
        ("aaaaaaaa", "not all the same"),
        ("pass***word", "how hidden values are shown"),
        ("nul\0nul", "NUL"),
        ("half \ud800", "surrogate"),
        ("x" + "y" * 16 * 1024, "at most 16"),
    ],
)
def test_what_could_not_be_hidden_is_no_secret(value: str, problem: str) -> None:
    found = value_problem(value)
    assert found is not None
    assert problem in found
    assert value not in found


def test_what_can_be_hidden_is_one() -> None:
    assert [value_problem(value) for value in ("abcd", SECRET, MULTI_LINE, "x" + "y" * 16383)] == [None] * 4

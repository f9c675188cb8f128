"""People: what they may be called and what their passwords have to be."""

import pytest

from fastflow.domain.errors import Invalid
from fastflow.domain.user import LONGEST_PASSWORD, checked_password, user_name

GOOD = "correct horse battery"


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("ann", "ann"),
        (" ANN ", "ann"),
        ("ann@example.org", "ann@example.org"),
        ("7", "7"),
        ("a" * 64, "a" * 64),
    ],
)
def test_names_that_differ_in_case_only_are_one(given: str, name: str) -> None:
    assert user_name(given) == name


@pytest.mark.parametrize(
    "given",
    ["", " ", "a" * 65, "-ann", "ann/ci", "ann b", "ann\n\nb", "änn", "\uff41nn", "a\x00", "..", "ann\u200b"],
)
def test_a_name_that_could_be_taken_for_another_is_refused(given: str) -> None:
    with pytest.raises(Invalid) as refusal:
        user_name(given)
    assert (refusal.value.code, list(refusal.value.fields)) == ("user_name_invalid", ["name"])


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ("", "at least 12"),
        ("elevenchars", "at least 12"),
        ("correct horse" * 20, "at most 256"),
        ("abcdabcdabcd", "5 different"),
        ("here is ann again", "user's name"),
        ("here is ANN again", "user's name"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused_and_not_repeated(given: str, problem: str) -> None:
    with pytest.raises(Invalid, match=problem) as refusal:
        checked_password(given, "ann@example.org")
    assert refusal.value.code == "password_invalid"
    assert not given or given not in str(refusal.value)


@pytest.mark.parametrize("given", [GOOD, "abcdeabcdeab", GOOD.ljust(LONGEST_PASSWORD, "!"), "пароль из слов"])
def test_any_characters_make_a_password_if_there_are_enough(given: str) -> None:
    assert checked_password(given, "ann") == given


def test_a_password_is_the_same_however_its_letters_were_typed() -> None:
    composed, combined = "m\u00fcde pferde batterie", "mu\u0308de pferde batterie"
    assert checked_password(combined, "ann") == checked_password(composed, "ann") == composed

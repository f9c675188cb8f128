"""Where a sign-in may end: on this server, whatever the link to it says."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastflow.domain.local_path import local_path


@pytest.mark.parametrize("path", ["/", "/runs", "/runs?status=FAILED&limit=5", "/a#b", "/%2f%2fevil.example"])
def test_a_path_of_this_server_stays(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "runs",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/a\\b",
        "https://evil.example",
        "https:evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\n/evil.example",
        "/a\r\nSet-Cookie: b=c",
        " /a",
        "/a b",
        "/ü",
        "/" + "a" * 1025,
    ],
)
def test_everything_else_is_the_start_page(text: str | None) -> None:
    assert local_path(text) == "/"


@given(st.text(alphabet="/\\.:@?#%ea \t\n", max_size=12))
def test_no_text_leads_to_another_server(text: str) -> None:
    # Browsers read a backslash as a slash and leave out tabs and line ends (WHATWG URL, 4.4).
    as_browsers_do = local_path(text).translate({ord("\\"): "/", 9: None, 10: None, 13: None})
    assert urlsplit(urljoin("https://flow.example/api/auth", as_browsers_do)).netloc == "flow.example"

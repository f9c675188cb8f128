"""The route: one word that a run leaves in its FASTFLOW_ROUTE_FILE to choose what follows it."""

from typing import Final, NamedTuple

LONGEST_ROUTE: Final = 256
"""Characters."""
READ_BYTES: Final = 4096
"""How much of the file is looked at; its first line has to end within it."""


class RouteReading(NamedTuple):
    """What was found in a route file."""

    route: str | None = None
    """None: there is none, and every trigger that asks for one stays silent."""
    warning: str | None = None
    """Why what was written is no route, in words."""


def is_route(text: str) -> bool:
    """Whether a run can choose this route: what else stands in `on_route` never matches.

    Only printable characters, because a route becomes a variable and a column: neither can hold a NUL.
    """
    return 0 < len(text) <= LONGEST_ROUTE and text == text.strip() and text.isprintable()


def read_route(content: bytes) -> RouteReading:
    """Return the route in the beginning of a file: its first line without the blanks around it."""
    line = content[:READ_BYTES].split(b"\n", 1)[0]
    if len(line) > LONGEST_ROUTE * 4:  # the most that many characters can take in UTF-8
        return refused_route(f"its first line is longer than {LONGEST_ROUTE} characters")
    try:
        route = line.decode().strip()
    except UnicodeDecodeError:
        return refused_route("its first line is not UTF-8")
    if len(route) > LONGEST_ROUTE:
        return refused_route(f"its first line is longer than {LONGEST_ROUTE} characters")
    if not route:
        return RouteReading()
    if not is_route(route):
        return refused_route("its first line holds characters that can't be printed")
    return RouteReading(route)


def refused_route(problem: str) -> RouteReading:
    """Return the reading of a file that holds no route, with the sentence that says so on the run."""
    return RouteReading(
        None, f"FASTFLOW_ROUTE_FILE was ignored: {problem}. Write one line of plain text into it."
    )

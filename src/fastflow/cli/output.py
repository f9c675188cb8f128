"""Writes for people on a terminal, and plainly for everything else."""

import json
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple


class Cell(NamedTuple):
    """A piece of a table. `style` (a colour's name) shows on a terminal only."""

    text: str
    style: str = ""


def is_terminal() -> bool:
    """Whether a person reads the standard output."""
    return sys.stdout.isatty()


def emit(text: str) -> None:
    """Print a result."""
    sys.stdout.write(f"{text}\n")


def emit_styled(text: str, style: str) -> None:
    """Print a result in a colour, which shows on a terminal only."""
    if is_terminal():
        from rich.console import Console
        from rich.text import Text

        Console(highlight=False, soft_wrap=True).print(Text(text, style=style))
    else:
        emit(text)


def emit_json(value: Any) -> None:
    """Print a result for programs."""
    indent = 2 if is_terminal() else None
    sys.stdout.write(json.dumps(value, indent=indent, ensure_ascii=False) + "\n")


def say(message: str) -> None:
    """Tell the user something that is not the result."""
    sys.stdout.flush()
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()


def say_error(message: str) -> None:
    """Tell the user why the command ends; in red on a terminal that has colours."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.text import Text

        console = Console(stderr=True, highlight=False, soft_wrap=True)
        console.print(Text("error: ", style="bold red"), Text(printable(message, keep="\n")), sep="")
    else:
        say(f"error: {printable(message, keep=chr(10))}")


def emit_table(titles: Sequence[str], rows: Sequence[Sequence[Cell | str]]) -> None:
    """Print rows in aligned columns; nothing is cut where no person reads."""
    cells = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in rows]
    if is_terminal():
        _emit_rich(titles, cells)
    else:
        _emit_plain(titles, cells)


def emit_pairs(pairs: Sequence[tuple[str, Cell | str]]) -> None:
    """Print names and values, one pair a line."""
    emit_table((), [(name, value) for name, value in pairs])


def printable(text: str, keep: str = "") -> str:
    """Return text that can't move the cursor or change colours, whoever wrote it."""
    return "".join(char if char.isprintable() or char in keep else " " for char in text)


def _emit_rich(titles: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, show_header=bool(titles), header_style="bold")
    for index in range(len(rows[0]) if rows else len(titles)):
        table.add_column(titles[index] if titles else "", overflow="fold")
    for row in rows:
        table.add_row(*(Text(printable(cell.text), style=cell.style) for cell in row))
    Console(highlight=False).print(table)


def _emit_plain(titles: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    lines = [tuple(titles)] if titles else []
    lines += [tuple(printable(cell.text) for cell in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        padded = (text.ljust(width) for text, width in zip(line, widths, strict=True))
        emit("  ".join(padded).rstrip())

"""Nouns with several verbs, such as `fastflow schedules pause`; the noun alone lists, where it can."""

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup

_LIST = "list"
_HELP = frozenset({"-h", "--help"})


class _Noun(TyperGroup):
    """Takes what is no verb as said to `list`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        # Completion parses what was typed so far, and is to offer the verbs.
        is_verb = bool(args) and (args[0] in self.commands or args[0] in _HELP)
        if not is_verb and not ctx.resilient_parsing:
            args = [_LIST, *args]
        return super().parse_args(ctx, args)


class Noun:
    """A group of commands, to be filled and then added to the console."""

    def __init__(self, help: str, metavar: str = "[VERB] [ARGS]...", *, has_list: bool = True) -> None:
        self.group = typer.Typer(
            cls=_Noun if has_list else TyperGroup,
            help=help,
            rich_markup_mode=None,
            pretty_exceptions_enable=False,
            subcommand_metavar=metavar,
            no_args_is_help=not has_list,
        )
        if not has_list:
            self.group.callback()(_nothing)  # or a single verb would not have to be said

    def listing(self, command: Callable[..., None], epilog: str) -> None:
        """Let this command be what the noun alone does."""
        self.group.command(_LIST, epilog=epilog)(command)

    def verb(self, name: str, command: Callable[..., None], epilog: str) -> None:
        """Add a verb."""
        self.group.command(name, epilog=epilog)(command)


def _nothing() -> None:
    """Do nothing before a verb."""

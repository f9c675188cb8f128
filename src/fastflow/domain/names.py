"""Which names are allowed, and which are only reported."""

import re
from typing import Final

PIPELINE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
VARIABLE_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")


def is_pipeline_name(name: str) -> bool:
    """Whether a folder of that name may be a pipeline. ASCII only, no separators, no leading dot."""
    return PIPELINE_NAME.fullmatch(name) is not None


def is_variable_name(name: str) -> bool:
    """Whether that is a name for an environment variable which every shell accepts."""
    return VARIABLE_NAME.fullmatch(name) is not None

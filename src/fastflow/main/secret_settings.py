"""Reads settings that are secret, which may be in files, and says what is wrong with settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from fastflow.domain.errors import Invalid
from fastflow.settings import Settings

_LARGEST_FILE: Final = 64 * 1024


def secret_of(settings: Settings, name: str) -> str:
    """Return the setting `name`, or the content of the file that `name_file` names; empty: neither is set.

    Raises:
        Invalid: `settings_invalid`.
    """
    value: SecretStr = getattr(settings, name)
    file: Path | None = getattr(settings, f"{name}_file")
    given, setting = value.get_secret_value().strip(), f"{name}_file".upper()
    if file is None:
        return given
    if given:
        raise settings_invalid({setting: f"goes not together with {name.upper()}; unset one of them"})
    content = content_of(setting, file)
    if not content:
        raise settings_invalid({setting: f"{file} is empty; write what {name.upper()} would be into it"})
    return content


def content_of(setting: str, path: Path) -> str:
    """Return the text in a file that a setting names.

    Raises:
        Invalid: `settings_invalid`.
    """
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_FILE).decode().strip()
    except OSError as error:
        raise settings_invalid({setting: f"{path} can't be read: {error.strerror}"}) from None
    except UnicodeDecodeError:
        raise settings_invalid({setting: f"{path} is no text file"}) from None


def settings_invalid(problems: Mapping[str, str]) -> Invalid:
    """Return the error that names each setting with what is wrong."""
    sentence = "; ".join(f"{setting} {problem}" for setting, problem in problems.items())
    return Invalid("settings_invalid", f"The settings were refused: {sentence}.", problems)

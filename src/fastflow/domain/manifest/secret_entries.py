"""The entries of the manifest's `secrets`: which stored secret a pipeline receives, and in what way."""

from enum import StrEnum
from typing import Annotated, Final

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, Tag

from fastflow.domain.manifest.fields import SecretName, advised
from fastflow.domain.manifest.parts import Part

MOST_SECRETS: Final = 200


class HandedOver(StrEnum):
    """How a run gets a secret."""

    VARIABLE = "variable"
    FILE = "file"


class SecretEntry(Part):
    """A secret, and how it is handed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", serialize_by_alias=True)

    key: SecretName = Field(description="The key of the stored secret.")
    way: HandedOver = Field(
        default=HandedOver.VARIABLE,
        alias="as",
        description="variable: in the variable of that name. file: as a file in memory that only the run can "
        "read; its path is in the variable <key>_FILE.",
    )


def key_of(entry: str | SecretEntry) -> str:
    """Return the key of the stored secret."""
    return entry.key if isinstance(entry, SecretEntry) else entry


def keys_handed_over(entries: list[str | SecretEntry], way: HandedOver) -> list[str]:
    """Return the keys of those entries that are handed over in that way; a mere key is a variable."""
    return [
        key_of(entry)
        for entry in entries
        if way is (entry.way if isinstance(entry, SecretEntry) else HandedOver.VARIABLE)
    ]


def _kind(value: object) -> str:
    return "entry" if isinstance(value, dict | SecretEntry) else "key"


def _unique(entries: list[str | SecretEntry]) -> list[str | SecretEntry]:
    keys = [key_of(entry) for entry in entries]
    for key in keys:
        if keys.count(key) > 1:
            raise advised(f"{key!r} is listed more than once", "List it once.")
    return entries


_Entry = Annotated[
    Annotated[SecretName, Tag("key")] | Annotated[SecretEntry, Tag("entry")], Discriminator(_kind)
]
SecretEntries = Annotated[list[_Entry], Field(max_length=MOST_SECRETS), AfterValidator(_unique)]

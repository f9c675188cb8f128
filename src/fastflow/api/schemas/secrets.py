"""Secrets on the wire: their names, never their values."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from fastflow.services.rotation import Rotation
from fastflow.store.tables import SecretRow

# As text, not as SecretStr: the schema is the same, and no route returns it.
Value = Annotated[
    str,
    Field(
        repr=False,
        description="4 characters to 16 KiB; never returned.",
        json_schema_extra={"format": "password", "writeOnly": True},
    ),
]


class PutSecret(BaseModel):
    """What to store."""

    model_config = ConfigDict(extra="forbid")

    value: Value


class EncryptSecret(BaseModel):
    """What to encrypt."""

    model_config = ConfigDict(extra="forbid")

    value: Value


class CiphertextView(BaseModel):
    """An encrypted value."""

    ciphertext: str = Field(description="For `encrypted_env` in a manifest; only this installation reads it.")


class SecretView(BaseModel):
    """A stored secret; never its value."""

    name: str = Field(description="What a manifest lists, and the name of the run's variable.")
    pipeline_name: str | None = Field(
        description="Whose it is alone; null: all pipelines that list it get it."
    )
    created_at: datetime
    changed_at: datetime
    last_used_at: datetime | None
    last_run_id: str | None = Field(description="The run that received it last.")

    @classmethod
    def of(cls, row: SecretRow) -> Self:
        """Show one."""
        shown = row.model_dump(exclude={"value", "pipeline_name"})
        return cls(pipeline_name=row.pipeline_name or None, **shown)


class SecretList(BaseModel):
    """Secrets by name."""

    secrets: list[SecretView]

    @classmethod
    def of(cls, rows: Sequence[SecretRow]) -> Self:
        """Put the list together."""
        return cls(secrets=[SecretView.of(row) for row in rows])


class RotateKeys(BaseModel):
    """How far to go."""

    model_config = ConfigDict(extra="forbid")

    drops_former_keys: bool = Field(
        default=False, description="Drop them although manifests need them: what these hold is lost then."
    )


class ManifestNeedView(BaseModel):
    """A ciphertext in a manifest that the newest key does not open."""

    model_config = ConfigDict(from_attributes=True)

    pipeline_name: str
    field: str
    is_lost: bool = Field(description="No key opens it.")


class RotationView(BaseModel):
    """What came of a rotation."""

    model_config = ConfigDict(from_attributes=True)

    has_new_key: bool
    renewed: dict[str, int] = Field(description="Rows that were encrypted anew, by column.")
    unreadable: list[str] = Field(description="What no key opens: column and row.")
    manifests: list[ManifestNeedView]
    former_keys: int = Field(description="Keys that are still kept beside the newest.")
    advice: str = Field(description="What is left to do; empty: nothing.")

    @classmethod
    def of(cls, rotation: Rotation) -> Self:
        """Put the answer together."""
        return cls.model_validate(rotation)

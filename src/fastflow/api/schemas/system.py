"""The server itself on the wire."""

from pydantic import BaseModel, Field, JsonValue


class CheckView(BaseModel):
    """One part of the server."""

    name: str
    is_ready: bool
    message: str
    is_needed: bool = Field(description="Whether nothing can be started without it.")


class ReadyView(BaseModel):
    """Whether runs can be started now."""

    is_ready: bool
    executor: str = Field(description="What starts attempts: docker or process.")
    is_isolating: bool = Field(description="False: attempts are not walled off from this machine.")
    checks: list[CheckView]


class HealthView(BaseModel):
    """The server answers."""

    status: str = "ok"
    version: str


class SettingView(BaseModel):
    """One setting as it is in force. Secrets are never shown."""

    name: str
    value: JsonValue
    default: JsonValue
    is_default: bool
    description: str
    environment_variables: list[str]


class SettingsView(BaseModel):
    """All settings."""

    settings: list[SettingView]

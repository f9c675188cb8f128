"""Every knob of the server with its unit and default; read from the environment."""

import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AliasChoices, AliasGenerator, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from fastflow.domain.addresses import as_address
from fastflow.domain.environment import StoreBounds
from fastflow.domain.host_names import ANY, canonical
from fastflow.domain.limits import parse_bytes

# The names that the product's first description published are also read without the prefix.
_UNPREFIXED = frozenset(
    {
        "host",
        "port",
        "data_dir",
        "pipelines_dir",
        "database_url",
        "executor",
        "docker_proxy_url",
        "runner_image",
        "max_concurrent_runs",
        "container_timeout",
        "retry_attempts",
        "uv_cache_dir",
        "uv_pre_heat",
        "default_python_version",
        "log_max_size_mb",
        "log_retention_runs",
        "log_retention_days",
        "timezone",
        "git_repo_url",
        "git_branch",
        "pipelines_subdir",
        "auto_sync_interval",
        "encryption_key",
        "jwt_secret_key",
        "allow_private_addresses",
        "public_url",
    }
)


def _environment_names(field: str) -> AliasChoices:
    prefixed = f"FASTFLOW_{field}".upper()
    names = (prefixed, field.upper()) if field in _UNPREFIXED else (prefixed,)
    return AliasChoices(*names, field)


class Settings(BaseSettings):
    """The server's settings. Durations and sizes carry their unit in the name."""

    model_config = SettingsConfigDict(
        alias_generator=AliasGenerator(validation_alias=_environment_names),
        populate_by_name=True,
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    host: str = Field(
        "127.0.0.1", description="Address to listen on. Any but a loopback address asks everybody to sign in."
    )
    port: int = Field(8000, ge=1, le=65535, description="TCP port to listen on.")
    public_url: str = Field(
        "",
        description="Where browsers find the server, such as https://flows.example.org.",
    )
    allowed_hosts: str = Field(
        "",
        description="Further names and addresses, comma-separated, by which requests may address a server "
        "that has accounts; loopback, PUBLIC_URL's and the address it is reached at always may; * = any.",
    )
    max_connections: int = Field(512, ge=8, le=100_000, description="HTTP connections at once.")
    data_dir: Path = Field(Path("data"), description="Where everything is kept.")
    pipelines_dir: Path = Field(Path("examples/pipelines"), description="The folder of pipelines.")
    database_url: str = Field(
        "", description="postgresql://… or sqlite:///…; empty means DATA_DIR/fastflow.db (SQLite)."
    )
    timezone: str = Field("UTC", description="Time zone of schedules that name none (IANA name).")

    executor: Literal["auto", "docker", "process"] = Field(
        "auto",
        description="What starts attempts. auto: docker where an Engine answers at start, else process.",
    )
    docker_proxy_url: str = Field(
        "unix:///var/run/docker.sock", description="The Docker Engine or its proxy: unix:// or http://."
    )
    runner_image: str = Field(
        "", description="Image of attempts. Empty: the public uv image, or one built from Debian packages."
    )
    container_runtime: Literal["auto", "engine"] = Field(
        "auto",
        description="OCI runtime of containers. auto: crun where the Engine has it registered and it works, "
        "else the Engine's default; engine: that one in any case.",
    )
    run_network: str = Field(
        "walled",
        description="Docker network of attempts: walled (Docker's usual one without this host, its "
        "neighbours and cloud metadata), none, bridge (no walls), or a network's name.",
    )
    run_network_denied: str = Field(
        "",
        description="Networks besides that walled attempts can't reach, such as 10.0.0.0/8,192.168.0.0/16.",
    )
    run_network_allowed: str = Field(
        "",
        description="Networks that walled attempts reach all the same, such as the host of a package index.",
    )
    namespaces_ahead: int = Field(
        4, ge=0, le=100, description="Network namespaces made ahead of walled attempts; each holds 4 MB."
    )
    standby_containers: int = Field(
        4,
        ge=0,
        le=100,
        description="Containers started ahead of the runs that they will serve, like those of the last runs; "
        "each holds 8 MB with its namespace. 0: none.",
    )
    max_concurrent_runs: int = Field(10, ge=1, le=1000, description="Attempts that hold a slot at once.")
    container_timeout: int = Field(3600, ge=0, description="Seconds an attempt may run; 0 = no limit.")
    stop_grace_seconds: float = Field(10, ge=0, le=600, description="From SIGTERM to SIGKILL.")
    retry_attempts: int = Field(0, ge=0, le=100, description="Further attempts after a failed one.")
    cpu_hard_limit: float = Field(0, ge=0, description="Cores per attempt; 0 = no limit.")
    mem_hard_limit: str = Field("", description="Memory per attempt, such as 2g; empty = no limit.")

    uv_cache_dir: Path | None = Field(
        None, description="The uv store: cache, environments, interpreters. Default DATA_DIR/uv."
    )
    uv_pre_heat: bool = Field(True, description="Prepare environments before the first run asks.")
    environments_unused_days: float = Field(
        30, gt=0, le=3650, description="Environments that no run asked for in that long are deleted."
    )
    environments_max_size_gb: float = Field(
        20,
        ge=0,
        description="Above this size of the uv store those unused for longest are deleted, never one in use, "
        "and the package cache; 0 = no limit.",
    )
    lock_upgrade_days: float = Field(
        0,
        ge=0,
        le=3650,
        description="Pipelines whose lockfile is older get the newest packages; 0 = only on request.",
    )
    default_python_version: str = Field("", description="Interpreter where a pipeline names none.")
    ca_bundle: Path | None = Field(
        None,
        description="PEM file of certificate authorities that uv and attempts trust. Default: the host's.",
    )

    git_repo_url: str = Field("", description="A Git repository of pipelines: https:// or SSH. Empty: none.")
    git_branch: str = Field("", description="Its branch; empty means the one that its HEAD names.")
    pipelines_subdir: str = Field(
        "", description="The folder in it that holds the pipelines; empty: its top."
    )
    git_token: SecretStr = Field(
        SecretStr(""), description="Token for HTTPS; or GIT_TOKEN_FILE, a file that holds it."
    )
    git_token_file: Path | None = Field(None, description="File that holds GIT_TOKEN.")
    git_username: str = Field("x-access-token", description="User name that goes with the token.")
    git_known_hosts: str = Field(
        "", description="Pinned SSH host keys of the Git host: lines as in known_hosts."
    )
    git_push_secret: SecretStr = Field(
        SecretStr(""), description="What the Git host signs its push webhooks with; empty: they are refused."
    )
    github_app_id: str = Field("", description="Id of a GitHub App that opens GIT_REPO_URL.")
    github_app_private_key_file: Path | None = Field(None, description="PEM file with the App's private key.")
    github_app_installation_id: int | None = Field(None, description="Its installation; empty: looked up.")
    github_api_url: str = Field("https://api.github.com", description="GitHub's REST API.")
    auto_sync_interval: int = Field(
        60,
        ge=0,
        description="Seconds from one look at the Git repositories to the next; 0 = only when asked.",
    )
    git_timeout_seconds: int = Field(300, ge=5, description="Seconds that one fetch may take.")
    git_max_size_mb: int = Field(1024, ge=1, description="MiB that a repository's mirror may have on disk.")
    git_allowed_protocols: str = Field(
        "https,ssh", description="Of https, ssh, http, file: what repositories may be fetched by."
    )
    allow_private_addresses: bool = Field(
        False, description="Let URLs given over the API reach loopback and private networks."
    )
    encryption_key: SecretStr = Field(
        SecretStr(""), description="Fernet key of stored credentials. Empty: DATA_DIR/keys/encryption."
    )
    jwt_secret_key: SecretStr = Field(
        SecretStr(""),
        description="Key that signs access tokens, 32 bytes or more; several separated by commas: the first "
        "signs. Empty: DATA_DIR/keys/signing.",
    )
    admin_name: str = Field("", description="First administrator, made at a start without accounts.")
    admin_password: SecretStr = Field(SecretStr(""), description="The password that goes with it.")
    admin_password_file: Path | None = Field(None, description="File that holds ADMIN_PASSWORD.")
    trusted_proxies: str = Field(
        "127.0.0.1,::1",
        description="Addresses and networks of reverse proxies whose X-Forwarded-* are believed.",
    )
    sign_in_default_role: Literal["", "viewer", "operator", "editor"] = Field(
        "",
        description="Role of people who sign in elsewhere for the first time; empty: an admin admits them.",
    )
    sign_in_allowed_emails: str = Field(
        "", description="Verified e-mail addresses, comma-separated, of single people who may sign in."
    )
    github_client_id: str = Field("", description="Client id of the OAuth App by which people sign in.")
    github_client_secret: SecretStr = Field(SecretStr(""), description="Its client secret.")
    github_client_secret_file: Path | None = Field(None, description="File that holds GITHUB_CLIENT_SECRET.")
    github_allowed_organisations: str = Field(
        "", description="Whose members may sign in, comma-separated; * = everybody on GitHub."
    )
    oidc_issuer: str = Field(
        "", description="OpenID Connect provider by which people sign in: its issuer URL."
    )
    oidc_client_id: str = Field("", description="This server's client id there.")
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="Its secret; empty: a public client, which PKCE protects."
    )
    oidc_client_secret_file: Path | None = Field(None, description="File that holds OIDC_CLIENT_SECRET.")
    oidc_name: str = Field("OpenID Connect", description="What people call that provider.")
    oidc_scopes: str = Field("openid email profile", description="What is asked for there.")
    oidc_allowed_domains: str = Field(
        "", description="E-mail domains whose people may sign in, comma-separated; * = all of the provider's."
    )
    oidc_role_claim: str = Field(
        "",
        description="Claim that says the role of whom it lets in, such as groups; empty: none does.",
    )
    oidc_role_mapping: str = Field(
        "", description="What its values mean here: fastflow-ops=operator,fastflow-admins=admin."
    )
    webhook_max_body_mb: int = Field(5, ge=1, le=100, description="MiB that a webhook's body may have.")
    webhook_rate_per_minute: int = Field(
        120, ge=1, description="Deliveries a minute that one pipeline's webhook takes."
    )

    audit_retention_days: int = Field(
        400, ge=0, description="Days that the audit log goes back; older rows are deleted. 0 = for ever."
    )

    log_retention_runs: int = Field(
        0,
        ge=0,
        description="So many of the newest runs of each pipeline are kept, with their logs; 0 = all. "
        "A pipeline's newest run stays in any case.",
    )
    log_retention_days: float = Field(
        0, ge=0, le=36_500, description="Days that runs are kept, with their logs; 0 = for ever."
    )
    log_max_size_mb: Annotated[int, Field(ge=1)] = Field(
        1024, description="MiB of log stored per attempt; later lines are dropped, the run goes on."
    )

    @field_validator("mem_hard_limit")
    @classmethod
    def _size(cls, value: str) -> str:
        if value:
            parse_bytes(value)
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        if value == "UTC":
            return value  # known without looking at files
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("this is no time zone; write a name such as Europe/Berlin or UTC") from error
        return value

    @field_validator("public_url")
    @classmethod
    def _origin(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/")):
            raise ValueError(
                f"PUBLIC_URL={value!r} is no address of a server; write https://flows.example.org"
            )
        return value.rstrip("/")

    @field_validator("host")
    @classmethod
    def _address(cls, value: str) -> str:
        if value != "localhost" and as_address(value) is None:
            raise ValueError("this is no address of a network interface; write 127.0.0.1, 0.0.0.0 or ::")
        return value

    @field_validator("trusted_proxies", "run_network_denied", "run_network_allowed")
    @classmethod
    def _networks(cls, value: str) -> str:
        for part in _words(value):
            try:
                ip_network(part)
            except ValueError as error:
                raise ValueError(f"{part} is neither an address nor a network such as 10.0.0.0/8") from error
        return value

    @field_validator("allowed_hosts")
    @classmethod
    def _hosts(cls, value: str) -> str:
        for host in _words(value):
            if host != ANY and canonical(host.strip("[]")) is None:
                raise ValueError(
                    f"{host} is no name of a host; write flows.example.org, without scheme and port"
                )
        return value

    @property
    def hosts(self) -> frozenset[str]:
        """By which names and addresses requests may address the server beside loopback; `*`: any."""
        named = [host if host == ANY else canonical(host.strip("[]")) for host in _words(self.allowed_hosts)]
        public = canonical(urlsplit(self.public_url).hostname or "")
        return frozenset(host for host in (*named, public) if host)

    @property
    def is_local(self) -> bool:
        """Whether nobody but this machine reaches the server."""
        address = as_address(self.host)
        return address is None or address.is_loopback

    @property
    def run_networks_denied(self) -> tuple[str, ...]:
        """What walled attempts can't reach besides what is always behind the walls."""
        return tuple(str(ip_network(part)) for part in _words(self.run_network_denied))

    @property
    def run_networks_allowed(self) -> tuple[str, ...]:
        """What walled attempts reach all the same."""
        return tuple(str(ip_network(part)) for part in _words(self.run_network_allowed))

    @property
    def store_bounds(self) -> StoreBounds:
        """What the uv store may hold."""
        limit = int(self.environments_max_size_gb * 1024**3)
        return StoreBounds(timedelta(days=self.environments_unused_days), limit or None)

    @property
    def stop_grace(self) -> timedelta:
        """From SIGTERM to SIGKILL."""
        return timedelta(seconds=self.stop_grace_seconds)

    @property
    def memory_limit_bytes(self) -> int | None:
        """The default memory limit of an attempt."""
        return parse_bytes(self.mem_hard_limit) if self.mem_hard_limit else None

    @property
    def uv_store(self) -> Path:
        """Cache, environments and interpreters of uv: one directory, so that hardlinks work."""
        return (self.uv_cache_dir or self.data_dir / "uv").absolute()

    @property
    def resolved_database_url(self) -> str:
        """The database's address with its default filled in."""
        return self.database_url or f"sqlite:///{(self.data_dir / 'fastflow.db').absolute()}"


def _words(value: str) -> list[str]:
    return [word.strip() for word in value.split(",") if word.strip()]


def described(settings: Settings) -> list[dict[str, Any]]:
    """Return every setting for people: name, value, default, meaning; passwords and keys are hidden."""
    views: list[dict[str, Any]] = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        if name == "database_url":
            value = re.sub(r"(?<=://)([^:/@]+:)[^@]+@", r"\1•••@", value, count=1)
        alias = field.validation_alias
        names = (
            [choice for choice in alias.choices if choice != name] if isinstance(alias, AliasChoices) else []
        )
        views.append(
            {
                "name": name.upper(),
                "value": _shown(value),
                "default": _shown(field.default),
                "is_default": value == field.default,
                "description": field.description or "",
                "environment_variables": names,
            }
        )
    return views


def _shown(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return "•••" if value.get_secret_value() else ""
    return str(value) if isinstance(value, Path) else value

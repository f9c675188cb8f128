"""Wires the proxy: what the settings and the adapters' own calls make it let through."""

import asyncio
import hashlib
import os
import signal
from collections.abc import Callable, Iterable
from importlib.metadata import version
from ipaddress import ip_network
from pathlib import Path
from typing import Final

import uvloop

from fastflow.adapters.docker import certificates, inside, labels
from fastflow.adapters.docker.container_spec import Confinement, Owner, default_owner
from fastflow.adapters.docker.engine import NEWEST_KNOWN, OLDEST_USABLE, PROXY_HEADER
from fastflow.adapters.docker.host_paths import HostPaths
from fastflow.adapters.docker.keeper import WALLED, Walls, keeper_command, keeper_spec
from fastflow.adapters.docker.oci_runtime import CRUN
from fastflow.adapters.docker.runner_image import BUILT_IMAGE, PUBLIC_IMAGE
from fastflow.docker_proxy.engine import Engine, EngineAway
from fastflow.docker_proxy.listening import parse_place, serving
from fastflow.docker_proxy.operations import Operations
from fastflow.docker_proxy.policy import KeeperRules, Maxima, Policy, Shape
from fastflow.docker_proxy.server import ProxyServer
from fastflow.domain.limits import parse_bytes
from fastflow.main.walls import METADATA, own_networks
from fastflow.proxy_settings import ProxySettings, names_in
from fastflow.settings import Settings

_NANOS: Final = 1_000_000_000
_MIB: Final = 1024**2

SHAPE: Final = Shape(
    command_prefix=tuple(inside.command(())),
    code_directory=str(inside.CODE_DIRECTORY),
    run_directory=str(inside.RUN_DIRECTORY),
    store_directory=str(inside.STORE_DIRECTORY),
    temporary_directory=str(inside.TEMPORARY_DIRECTORY),
    secrets_directory=str(inside.SECRETS_DIRECTORY),
    certificates=str(certificates.BUNDLE),
    managed_label=labels.MANAGED,
    kind_label=labels.KIND,
    attempt_kind=labels.Kind.ATTEMPT.value,
    preparation_kind=labels.Kind.PREPARATION.value,
    standby_kind=labels.Kind.STANDBY.value,
    keeper_kind=labels.Kind.NAMESPACE.value,
    namespace_label=labels.NAMESPACE,
    walled=WALLED,
    installation_label=labels.INSTALLATION,
    attempt_labels=labels.ONLY_OF_ATTEMPTS,
    announcement=PROXY_HEADER,
    oldest_version=OLDEST_USABLE,
    newest_version=NEWEST_KNOWN,
)
"""The containers that this version's adapters make."""


def policy_of(settings: Settings, proxy: ProxySettings) -> Policy:
    """Decide what is let through. Blocks on the file system.

    Raises:
        Invalid: `proxy_listen_invalid`.
    """
    data = _real(settings.data_dir)
    user = proxy.proxy_user or "{}:{}".format(*default_owner())
    uid, gid = (int(number) for number in user.split(":"))
    return Policy(
        shape=SHAPE,
        name=proxy.proxy_name or hashlib.sha256(os.fsencode(data)).hexdigest()[:16],
        images=frozenset(names_in(proxy.proxy_images) or _images(settings)),
        networks=(networks := _networks(settings, proxy)),
        keepers=_keepers(settings, Owner(uid, gid)) if WALLED in networks else None,
        read_roots=_paths(proxy.proxy_read_roots) or _read_roots(settings, data),
        write_roots=_paths(proxy.proxy_write_roots) or (data / "attempts",),
        store=_store(settings, proxy, data),
        user=user,
        secrets_tmpfs=inside.secrets_tmpfs(uid, gid),
        maxima=_maxima(proxy),
        runtimes=frozenset({CRUN} if settings.container_runtime == "auto" else ()),
        server_container=proxy.proxy_server_container,
        hosts=parse_place(proxy.proxy_listen).hosts,
    )


def run_proxy(settings: Settings, proxy: ProxySettings, report: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; then end every stream and return.

    Raises:
        Invalid: an address is none. Conflict, Unavailable: it can't be listened there.
    """
    uvloop.run(_serve(settings, proxy, report))


async def _serve(settings: Settings, proxy: ProxySettings, report: Callable[[str], None]) -> None:
    policy = await asyncio.to_thread(policy_of, settings, proxy)
    engine = Engine(proxy.proxy_engine, SHAPE.newest_version)
    server = ProxyServer(Operations(engine, policy), policy, version("fastflow-orchestrator"))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        async with serving(server, parse_place(proxy.proxy_listen), proxy.proxy_socket_gid):
            for line in _described(policy, proxy):
                report(line)
            report(await _engine_state(engine))
            await stop.wait()
            report("stopping; containers run on.")
    finally:
        await engine.close()


async def _engine_state(engine: Engine) -> str:
    try:
        major, minor = await engine.ping()
    except EngineAway as error:
        return (
            f"the Engine at {engine.address} does not answer yet ({error}); requests are answered with 503."
        )
    return f"the Engine at {engine.address} answers (API {major}.{minor})."


def _described(policy: Policy, proxy: ProxySettings) -> list[str]:
    def listed(things: Iterable[object]) -> str:
        return ", ".join(sorted(map(str, things)))

    return [
        f"docker-proxy listens at {proxy.proxy_listen}: the server's DOCKER_PROXY_URL",
        f"images: {listed(policy.images)}",
        f"networks: {listed(policy.networks | {'none'})}; containers run as {policy.user}",
        f"read-only: {listed(policy.read_roots)}; the attempts' own folders: {listed(policy.write_roots)}; "
        f"uv store: {policy.store}",
    ]


def _networks(settings: Settings, proxy: ProxySettings) -> frozenset[str]:
    if named := names_in(proxy.proxy_networks):
        return frozenset(named)
    # Where runs have no network, environments are built behind walls all the same.
    return frozenset({WALLED if settings.run_network == "none" else settings.run_network})


def _keepers(settings: Settings, owner: Owner) -> KeeperRules:
    body = keeper_spec("", Walls(()), Confinement("", owner, HostPaths()))
    command: list[str] = list(keeper_command(Walls(()), *owner))[:-1]
    template = {name: value for name, value in body.items() if name not in ("Image", "Labels")}
    return KeeperRules(
        body={**template, "Cmd": command},
        denied=frozenset(map(ip_network, (*METADATA, *settings.run_networks_denied))),
        allowed=frozenset(map(ip_network, settings.run_networks_allowed)),
        of_this_machine=own_networks,
    )


def _images(settings: Settings) -> set[str]:
    return {settings.runner_image} if settings.runner_image else {BUILT_IMAGE, PUBLIC_IMAGE}


def _read_roots(settings: Settings, data: Path) -> tuple[Path, ...]:
    bundle = certificates.find_bundle(settings.ca_bundle)
    kept = (data / "checkouts", data / certificates.BUNDLE.name)
    return (*kept, bundle) if bundle is not None else kept


def _store(settings: Settings, proxy: ProxySettings, data: Path) -> Path:
    named = proxy.proxy_uv_store or settings.uv_cache_dir
    return _real(named) if named is not None else data / "uv"


def _maxima(proxy: ProxySettings) -> Maxima:
    return Maxima(
        memory_bytes=parse_bytes(proxy.proxy_max_memory) if proxy.proxy_max_memory else None,
        cpu_nanos=round(proxy.proxy_max_cpu_cores * _NANOS) or None,
        processes=proxy.proxy_max_processes,
        temporary_bytes=proxy.proxy_max_temporary_mb * _MIB,
    )


def _paths(text: str) -> tuple[Path, ...]:
    return tuple(_real(Path(name)) for name in names_in(text))


def _real(path: Path) -> Path:
    """Follow the links that are there now; later ones lead nowhere."""
    return Path(os.path.realpath(path))

"""Settings say what is allowed; one that would open the walls is refused with its name."""

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from fastflow.adapters.docker.runner_image import BUILT_IMAGE, PUBLIC_IMAGE
from fastflow.main.docker_proxy import policy_of
from fastflow.proxy_settings import ProxySettings
from fastflow.settings import Settings


def settings(**values: Any) -> Settings:
    return Settings.model_validate(values)


def test_without_settings_the_server_with_the_same_environment_is_served(tmp_path: Path) -> None:
    data = tmp_path.resolve()
    policy = policy_of(settings(data_dir=tmp_path), ProxySettings.model_validate({}))
    assert policy.images == {BUILT_IMAGE, PUBLIC_IMAGE}
    assert policy.networks == {"walled"}
    assert {data / "checkouts", data / "certificates.pem"} <= set(policy.read_roots)
    assert data not in policy.read_roots
    assert (policy.write_roots, policy.store) == ((data / "attempts",), data / "uv")
    assert not policy.user.startswith("0:")
    assert policy.maxima.memory_bytes == 8 * 1024**3


def test_the_servers_own_settings_fill_in(tmp_path: Path) -> None:
    server = settings(
        data_dir=tmp_path, runner_image="mine:1", run_network="runs", uv_cache_dir=tmp_path / "cache"
    )
    policy = policy_of(server, ProxySettings.model_validate({}))
    assert policy.images == {"mine:1"}
    assert policy.networks == {"runs"}
    assert policy.keepers is None
    assert policy.store == tmp_path.resolve() / "cache"


def test_with_walls_of_our_own_no_network_of_dockers_is_joined(tmp_path: Path) -> None:
    server = settings(
        data_dir=tmp_path,
        run_network="walled",
        run_network_denied="10.0.0.7",
        run_network_allowed="172.17.0.1, 192.168.0.0/16",
    )
    policy = policy_of(server, ProxySettings.model_validate({}))
    assert policy.networks == {"walled"}
    assert policy.keepers is not None
    assert {ip_network("169.254.0.0/16"), ip_network("10.0.0.7/32")} <= policy.keepers.denied
    assert policy.keepers.allowed == {ip_network("172.17.0.1/32"), ip_network("192.168.0.0/16")}


def test_where_runs_have_no_network_environments_are_built_behind_walls(tmp_path: Path) -> None:
    policy = policy_of(settings(data_dir=tmp_path, run_network="none"), ProxySettings.model_validate({}))
    assert policy.networks == {"walled"}
    assert policy.keepers is not None


def test_proxies_of_two_installations_have_names_that_differ_and_stay(tmp_path: Path) -> None:
    names = [
        policy_of(settings(data_dir=tmp_path / name), ProxySettings.model_validate({})).name for name in "aba"
    ]
    assert names[0] == names[2] != names[1]


def test_roots_are_where_their_links_lead_when_the_proxy_starts(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    policy = policy_of(settings(data_dir=tmp_path / "link"), ProxySettings.model_validate({}))
    assert policy.write_roots == (tmp_path.resolve() / "real" / "attempts",)


def test_a_link_below_the_data_directory_moves_no_root(tmp_path: Path) -> None:
    """The server can write there; at the next start of the proxy nothing may have changed."""
    (tmp_path / "attempts").symlink_to("/etc")
    (tmp_path / "uv").symlink_to("/etc")
    policy = policy_of(settings(data_dir=tmp_path), ProxySettings.model_validate({}))
    assert policy.write_roots == (tmp_path.resolve() / "attempts",)
    assert policy.store == tmp_path.resolve() / "uv"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("proxy_user", "0:0"),
        ("proxy_user", "1000:0"),
        ("proxy_user", "root"),
        ("proxy_networks", "bridge,host"),
        ("proxy_networks", "container:x"),
        ("proxy_networks", "default"),
        ("proxy_read_roots", "/data,/"),
        ("proxy_read_roots", "//"),
        ("proxy_write_roots", "data"),
        ("proxy_write_roots", "/data/../.."),
        ("proxy_max_memory", "much"),
        ("proxy_max_processes", "0"),
        ("proxy_server_container", "../x"),
        ("proxy_name", "a b"),
    ],
)
def test_what_would_open_the_walls_is_no_setting(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"FASTFLOW_{name.upper()}", value)
    with pytest.raises(ValidationError, match=name):
        ProxySettings.model_validate({})


def test_every_setting_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [name for name in os.environ if name.startswith("FASTFLOW_PROXY_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("FASTFLOW_PROXY_IMAGES", "a:1, b:2")
    monkeypatch.setenv("FASTFLOW_PROXY_NETWORKS", "")
    found = ProxySettings.model_validate({})
    assert (found.proxy_images, found.proxy_networks) == ("a:1, b:2", "")

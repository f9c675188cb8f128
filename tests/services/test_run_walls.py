"""What is behind the walls around runs, decided from the settings and this machine's addresses."""

import socket
from ipaddress import ip_address, ip_network

import psutil
import pytest
from pydantic import ValidationError

from fastflow.main.walls import METADATA, RunWalls, own_networks
from fastflow.settings import Settings


def denied(**settings: str) -> set[str]:
    return set(RunWalls(Settings.model_validate(settings))().denied)


def test_metadata_services_and_this_machine_are_behind_them() -> None:
    walls = denied()
    assert walls >= {*METADATA, *own_networks()}
    for of_interface in psutil.net_if_addrs().values():
        for address in of_interface:
            if address.family == socket.AF_INET and not ip_address(address.address).is_loopback:
                assert any(ip_address(address.address) in ip_network(network) for network in walls)


def test_the_database_and_the_proxy_are_behind_them() -> None:
    walls = denied(
        database_url="postgresql://ff:x@198.51.100.4:5432/ff", docker_proxy_url="http://198.51.100.5:2375"
    )
    assert walls >= {"198.51.100.4/32", "198.51.100.5/32"}


def test_loopback_is_no_network_of_anybody_else() -> None:
    assert not {n for n in denied(database_url="postgresql://localhost/ff") if ip_network(n).is_loopback}


def test_a_name_that_nobody_knows_is_no_reason_to_fail() -> None:
    assert denied(docker_proxy_url="http://proxy.invalid:2375") >= set(METADATA)


def test_more_is_denied_and_less_by_the_settings() -> None:
    settings = {"run_network_denied": "10.0.0.0/8, 192.0.2.1", "run_network_allowed": "172.17.0.1"}
    walls = RunWalls(Settings.model_validate(settings))()
    assert {"10.0.0.0/8", "192.0.2.1/32"} <= set(walls.denied)
    assert walls.allowed == ("172.17.0.1/32",)


@pytest.mark.parametrize("name", ["run_network_denied", "run_network_allowed"])
def test_what_is_no_network_is_named(name: str) -> None:
    with pytest.raises(ValidationError, match="nowhere is neither an address nor a network"):
        Settings.model_validate({name: "10.0.0.0/8,nowhere"})

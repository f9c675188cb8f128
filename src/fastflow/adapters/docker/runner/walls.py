"""Puts walls around the network namespace that it runs in, then only keeps the namespace open.

Runs in a container of its own, as the first process, by the interpreter of the image and without any
package. The argument is JSON: `uid` and `gid` of those who will share the namespace, `denied` and `allowed`
networks. Its last capability is gone before anybody joins: the rules can't be taken away from within.

The walls are rules of routing for that user (`ip rule … uidrange … prohibit`), not routes: what belongs to no
user, such as the search for the gateway, goes on. They hold for every protocol: the kernel asks them for
each packet's way. SCTP asks in no user's name, so its rules name the protocol instead.
"""

import ipaddress
import json
import os
import socket
import struct
import sys
from typing import Any

READY = "walls are up"
LONG = struct.Struct("@I")
NEW_RULE = 32  # RTM_NEWRULE; this and the following from linux/rtnetlink.h and linux/fib_rules.h
FLAGS = 0x1 | 0x4 | 0x400  # NLM_F_REQUEST, NLM_F_ACK, NLM_F_CREATE
DESTINATION, PRIORITY, UIDS, PROTOCOL, PORTS = 1, 6, 20, 22, 24
LOOK_UP, PROHIBIT = 1, 8
MAIN_TABLE = 254
NAME_SERVICE = 53
OPEN, CLOSED = 1, 2  # priorities: after the kernel's table of local addresses, before every other


def attribute(kind: int, payload: bytes) -> bytes:
    """Return it as netlink wants it: length, kind, payload, filled up to four bytes."""
    return struct.pack("@HH", 4 + len(payload), kind) + payload + b"\0" * (-len(payload) % 4)


def add_rule(netlink: socket.socket, network: Any, action: int, *attributes: bytes) -> None:
    """Add one rule for packets to that network; a kernel without IPv6 needs none for it."""
    family = socket.AF_INET if network.version == 4 else socket.AF_INET6
    table = MAIN_TABLE if action == LOOK_UP else 0
    priority = OPEN if action == LOOK_UP else CLOSED
    head = struct.pack("@BBBBBBBBI", family, network.prefixlen, 0, 0, table, 0, 0, action, 0)
    body = head + attribute(PRIORITY, LONG.pack(priority)) + b"".join(attributes)
    if network.prefixlen:
        body += attribute(DESTINATION, network.network_address.packed)
    netlink.send(struct.pack("@IHHII", 16 + len(body), NEW_RULE, FLAGS, 0, 0) + body)
    failed = -struct.unpack_from("@i", netlink.recv(65536), 16)[0]
    is_without = failed == 97 and network.version == 6  # EAFNOSUPPORT
    if failed and not is_without:
        raise OSError(failed, f"{os.strerror(failed)}, at the rule for {network}")


def neighbours() -> list[Any]:
    """Return the networks of our own interfaces: the host as their gateway, and other containers."""
    found = [ipaddress.ip_network("fe80::/10")]
    with open("/proc/net/route") as routes:
        for line in routes.read().splitlines()[1:]:
            destination, mask = (int.from_bytes(bytes.fromhex(line.split()[n]), "little") for n in (1, 7))
            if mask:
                found.append(ipaddress.ip_network((destination, mask.bit_count())))
    try:
        with open("/proc/net/if_inet6") as addresses:
            lines = addresses.read().splitlines()
    except FileNotFoundError:
        return found
    for line in lines:
        address, _, length, *_ = line.split()
        network = ipaddress.ip_network((bytes.fromhex(address), int(length, 16)), strict=False)
        if not network.is_loopback:
            found.append(network)
    return found


def name_servers() -> list[Any]:
    """Return whom the container asks for names; they may stand behind a wall, and answer all the same."""
    with open("/etc/resolv.conf") as file:
        words = [line.split() for line in file]
    hosts = [line[1].split("%")[0] for line in words if len(line) > 1 and line[0] == "nameserver"]
    return [ipaddress.ip_network(host) for host in hosts]


def put_up(wanted: dict[str, Any]) -> None:
    """Add every rule."""
    ours = attribute(UIDS, struct.pack("@II", wanted["uid"], wanted["uid"]))
    sctp = attribute(PROTOCOL, bytes([socket.IPPROTO_SCTP]))
    port = attribute(PORTS, struct.pack("@HH", NAME_SERVICE, NAME_SERVICE))
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as netlink:
        netlink.bind((0, 0))
        for network in name_servers():
            for protocol in (socket.IPPROTO_UDP, socket.IPPROTO_TCP):
                add_rule(netlink, network, LOOK_UP, attribute(PROTOCOL, bytes([protocol])), port)
        for text in wanted["allowed"]:
            add_rule(netlink, ipaddress.ip_network(text), LOOK_UP)
        for network in [*map(ipaddress.ip_network, wanted["denied"]), *neighbours()]:
            add_rule(netlink, network, PROHIBIT, ours)
            add_rule(netlink, network, PROHIBIT, sctp)


def keep_open(uid: int, gid: int) -> None:
    """Become that user without any capability and wait for the end, in as little memory as can be."""
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    print(READY, flush=True)
    os.execv("/bin/sleep", ["sleep", "infinity"])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    asked = json.loads(sys.argv[1])
    put_up(asked)
    keep_open(asked["uid"], asked["gid"])

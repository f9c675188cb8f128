"""Points the attacks at a proxy: python -m tests.docker.attacks --proxy unix:///run/other-proxy.sock

The proxy has to let the scene's folder be bound and the image be used, or attacks
are refused for the wrong reason. Without `--all` only harmless ones are sent: looks, and containers that are
created, never started, and removed. With `--all` a proxy that lets something through may do real harm.
"""

import argparse
import asyncio
import secrets
import sys
from collections import Counter
from pathlib import Path

from fastflow.adapters.docker.container_spec import default_owner
from fastflow.adapters.docker.containers import Containers
from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.images import Images
from tests.docker.attacks.attack import attacks
from tests.docker.attacks.scene import scene_in
from tests.docker.attacks.sending import send
from tests.docker.house import House


async def attack_all(arguments: argparse.Namespace) -> int:
    """Send them; print each that passed; return the exit code: 1 where one did."""
    engine = Engine(arguments.engine)
    image = await Images(engine).find(arguments.image)
    if image is None:
        raise SystemExit(f"{arguments.engine} has no image {arguments.image}")
    name = f"attacks-{secrets.token_hex(6)}"
    house = House(arguments.engine, name, image.id, arguments.folder / name, default_owner())
    await asyncio.to_thread(house.directory.mkdir, parents=True)
    sent, passed = 0, Counter[int]()
    async with scene_in(house, arguments.engine, arguments.image) as scene:
        for attack in attacks():
            if not (attack.is_harmless or arguments.all):
                continue
            for request in attack.requests(scene):
                reply = await send(arguments.proxy, request)
                sent += 1
                if reply.created is not None:
                    await Containers(engine).remove(reply.created)
                if reply.is_passed:
                    passed[attack.number] += 1
                    print(f"PASSED {attack.number:2} {attack.name}: {attack.why} ({reply.statuses})")
    await house.close()
    await engine.close()
    print(f"{passed.total()} of {sent} requests passed, of {len(passed)} classes")
    return 1 if passed else 0


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--proxy", required=True, help="unix:///path or http://127.0.0.1:port")
    parser.add_argument("--engine", default="unix:///var/run/docker.sock", help="the Engine behind it")
    parser.add_argument("--image", required=True, help="name of an image that the proxy allows")
    parser.add_argument("--folder", type=Path, required=True, help="folder below which the proxy lets bind")
    parser.add_argument("--all", action="store_true", help="also those that do harm where they pass")
    return asyncio.run(attack_all(parser.parse_args()))


if __name__ == "__main__":
    sys.exit(main())

"""Takes 16 MiB after 16 MiB until the kernel kills it, or at 1 GiB where nothing limits it."""

import time

STEP_MIB = 16

taken = []
while len(taken) * STEP_MIB < 1024:
    taken.append(bytearray(b"x" * (STEP_MIB * 1024 * 1024)))
    print(f"{len(taken) * STEP_MIB} MiB", flush=True)
    time.sleep(0.1)
print("Nothing stopped me: there is no memory limit here.")

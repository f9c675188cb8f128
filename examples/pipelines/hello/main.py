"""Greets a few times, slowly enough to watch it live."""

import os
import time

name = os.environ.get("PARAM_NAME", "world")
times = int(os.environ.get("PARAM_TIMES", "5"))
greeting = os.environ.get("GREETING", "Hello")

for number in range(1, times + 1):
    print(f"{number}/{times}: {greeting}, {name}!", flush=True)
    time.sleep(0.4)
print("Done.")

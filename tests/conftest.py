"""What every ring shares: the watch over what tests leave behind, databases, Hypothesis profiles."""

import os

from hypothesis import HealthCheck, settings

pytest_plugins = [
    "pytester",
    "tests.plugins.leaks",
    "tests.plugins.blocking",
    "tests.plugins.databases",
    "tests.plugins.git_servers",
    "tests.plugins.identity_providers",
    "tests.plugins.runner_image",
    "tests.plugins.world",
]

# Runs on a shared machine: how long an example takes says nothing.
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "dev"))

"""The processes of this machine, by whatever means it has."""

import sys

if sys.platform == "linux":
    from fastflow.adapters.process.linux_processes import boot_id, in_session, look, members
else:
    from fastflow.adapters.process.ps_processes import boot_id, in_session, look, members

__all__ = ["boot_id", "in_session", "look", "members"]

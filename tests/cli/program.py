"""The console as a program of its own, for what only a process can show."""

import sys

FASTFLOW = (sys.executable, "-c", "import sys; from fastflow.cli.app import main; sys.exit(main())")
PATIENCE_SECONDS = 60

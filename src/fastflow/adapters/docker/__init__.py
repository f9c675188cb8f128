"""The Docker Engine: its HTTP API, the executor above it, the runner image."""

"""Rules without I/O: what a run is, how it moves, how it ends. Standard library and pydantic only."""

"""Requests that a proxy before Docker must not let through, as data, and what sends them to one.

Point them at any proxy: `python -m tests.docker.attacks --help`.
"""

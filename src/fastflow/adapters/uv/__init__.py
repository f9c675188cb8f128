"""Lockfiles and environments, made by uv."""

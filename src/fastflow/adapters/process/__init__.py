"""Attempts as local process groups; they are not isolated."""

"""Stands before a Docker Engine and lets nothing through but what Fast-Flow itself asks for."""

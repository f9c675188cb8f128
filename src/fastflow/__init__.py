"""Fast-Flow runs plain Python folders in fresh containers."""

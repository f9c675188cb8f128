"""The tables, one file a noun."""

"""Backups: one encrypted file with all that an installation can't be made without."""

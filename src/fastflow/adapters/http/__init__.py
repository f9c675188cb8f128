"""What adapters that ask other servers over HTTP have in common."""

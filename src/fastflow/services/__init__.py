"""What a user can ask for: one verb, one function, one transaction."""

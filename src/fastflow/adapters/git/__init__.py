"""Git repositories: fetched by the hardened git command line, read without ever being checked out."""

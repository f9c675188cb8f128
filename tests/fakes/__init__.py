"""Stand-ins for the outside, proven against the real things by the contract suite."""

"""The outside, one folder each."""

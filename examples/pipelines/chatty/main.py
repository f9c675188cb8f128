"""Prints 200,000 numbered lines as fast as it can; none may be missing."""

LINES = 200_000

for number in range(1, LINES + 1):
    print(f"line {number:06d} of {LINES}: the quick brown fox jumps over the lazy dog")

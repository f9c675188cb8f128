"""What is kept on disk: logs, samples, checkouts."""

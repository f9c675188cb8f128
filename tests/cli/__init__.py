"""The console against a real server over HTTP."""

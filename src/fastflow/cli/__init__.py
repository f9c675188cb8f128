"""What people type; talks to the API over HTTP, or starts a process through main."""

"""Resources, their lifecycle and their files. Knows nothing of the wire."""

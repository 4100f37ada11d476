"""The review desk: what waits for a reviewer, what changed, and what is decided, one after another."""

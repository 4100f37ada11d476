"""Template words of signing in."""

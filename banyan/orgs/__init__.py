"""Units in trees that change over time."""

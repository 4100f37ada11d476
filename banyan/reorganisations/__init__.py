"""Decisions that change units: drafted, previewed, carried out, undone until closed."""

"""Periodic reports: figures in words, in the layout of official documents."""

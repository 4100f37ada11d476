"""Indicators as numbers: what is counted where, in which period, and from which records."""

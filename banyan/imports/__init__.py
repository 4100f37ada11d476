"""Importing what offices keep in workbooks: read, mapped, looked at, taken in, and taken back."""

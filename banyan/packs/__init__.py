"""Programmes as data: schema, check, editions."""

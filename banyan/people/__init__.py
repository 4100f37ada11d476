"""Accounts, persons, memberships, roles and posts: who may do what, where, on a day."""

"""What a new database needs before its first migration: two roles, extensions, grants."""

import psycopg
from psycopg import sql

from banyan.site import home

EXTENSIONS = ("btree_gist", "unaccent", "pg_trgm")

# Raised when anything here changes: clusters made earlier then get the change at their next start.
VERSION = 1


def make(link: psycopg.Connection) -> None:
    """Create both roles or set them right; the server never sees a password in plain."""
    for role, rights in (("owner", "CREATEDB"), ("app", "NOCREATEDB")):
        user = home.USERS["owner" if role == "owner" else "app"]
        sealed = link.pgconn.encrypt_password(
            home.secret(user).encode(), user.encode(), b"scram-sha-256"
        ).decode()
        known = link.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [user]).fetchone()
        text = "{} ROLE {} LOGIN NOSUPERUSER NOCREATEROLE {} PASSWORD {}"
        act = sql.SQL("ALTER" if known else "CREATE")
        link.execute(
            sql.SQL(text).format(act, sql.Identifier(user), sql.SQL(rights), sql.Literal(sealed))
        )


def create_database(link: psycopg.Connection) -> None:
    """Create the database; nobody but the two roles may enter it."""
    name, owner, app = _names(home.DATABASE, home.USERS["owner"], home.USERS["app"])
    link.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(name, owner))
    link.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    link.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(name, app))


def furnish(link: psycopg.Connection) -> None:
    """Extensions, and the grants of tables to come; databases made from template1 inherit both."""
    owner, app = _names(home.USERS["owner"], home.USERS["app"])
    for name in EXTENSIONS:
        link.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(*_names(name)))
    for rights, things in (
        ("SELECT, INSERT, UPDATE, DELETE", "TABLES"),
        ("USAGE, SELECT", "SEQUENCES"),
    ):
        link.execute(
            sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} GRANT {} ON {} TO {}").format(
                owner, sql.SQL(rights), sql.SQL(things), app
            )
        )


def _names(*words: str) -> tuple[sql.Identifier, ...]:
    return tuple(sql.Identifier(word) for word in words)

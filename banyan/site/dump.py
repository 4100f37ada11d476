"""The database as one file: dumped from a snapshot, loaded into an empty database, counted."""

import os
import subprocess
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from banyan.kernel.errors import Refusal
from banyan.site import home, server_user
from banyan.site.roles import EXTENSIONS

# Grants that new tables get by themselves would stand beside those of the dump, which only adds:
# the app could then alter the ledger. The dump brings them back after its tables.
NO_DEFAULT_GRANTS = """
DO $$ DECLARE line text; BEGIN
    FOR line IN
        SELECT format(
            'ALTER DEFAULT PRIVILEGES REVOKE ALL ON %s FROM %I',
            CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' END,
            a.grantee::regrole::text
        )
          FROM pg_default_acl d, LATERAL aclexplode(d.defaclacl) a
         WHERE d.defaclrole = current_user::regrole AND a.grantee <> d.defaclrole
           AND a.grantee <> 0 AND d.defaclobjtype IN ('r', 'S') AND d.defaclnamespace = 0
    LOOP EXECUTE line; END LOOP;
END $$
"""


def save(link: psycopg.Connection, target: Path) -> None:
    """Dump what this transaction sees, in pg_dump's custom format."""
    snapshot = value(link, "SELECT pg_export_snapshot()")
    _run_tool("pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={target}")


def load(source: Path) -> None:
    """Replace the (empty) database's tables by the backup's, which takes all or nothing."""
    with psycopg.connect(home.database_url("owner")) as link:
        link.execute("DROP SCHEMA public CASCADE")
        link.execute("CREATE SCHEMA public")
        link.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
        link.execute(NO_DEFAULT_GRANTS)
        for name in EXTENSIONS:
            link.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(name)))
    # Extensions stand already, and their comments belong to whoever installed them.
    listed = _run_tool("pg_restore", "--list", str(source))
    wanted = [line for line in listed.splitlines() if " EXTENSION " not in line]
    chosen = source.with_suffix(".list")
    chosen.write_text("\n".join(wanted) + "\n")
    _run_tool(
        "pg_restore",
        *("--exit-on-error", "--single-transaction", "--no-owner", f"--use-list={chosen}"),
        *(f"--dbname={_no_password()}", str(source)),
    )


def blob_names(link: psycopg.Connection) -> set[str]:
    """The hashes of all files that the database names."""
    if value(link, "SELECT to_regclass('documents_blob')::text") is None:
        return set()
    return {row[0] for row in link.execute("SELECT sha256 FROM documents_blob")}


def count_rows(link: psycopg.Connection) -> dict[str, int]:
    """Rows of each of our tables."""
    tables = link.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    ).fetchall()
    text = sql.SQL("SELECT count(*) FROM {}")
    found: dict[str, int] = {}
    for (name,) in tables:
        row = link.execute(text.format(sql.Identifier("public", name))).fetchone()
        found[name] = row[0] if row else 0
    return found


def value(link: psycopg.Connection, query: str) -> str:
    """The one value of a query's one row."""
    row = link.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]  # type: ignore[no-any-return]


def _no_password() -> str:
    """The owner's address without its password, which a list of processes would show."""
    parts = conninfo_to_dict(home.database_url("owner"))
    parts.pop("password", None)
    return make_conninfo("", **parts)


def _run_tool(name: str, *words: str) -> str:
    """Run pg_dump or pg_restore on our database as its owner; what it printed."""
    parts = conninfo_to_dict(home.database_url("owner"))
    password = {"PGPASSWORD": str(parts["password"])} if parts.get("password") else {}
    where = [f"--dbname={_no_password()}"] if name == "pg_dump" else []
    done = subprocess.run(
        [server_user.programs() / name, *where, *words],
        env={"PATH": os.defpath, "LANG": "C.UTF-8", **password},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Refusal(
            f"{name} did not succeed.",
            done.stderr.strip(),
            "Mend what it names and run the same command again.",
        )
    return done.stdout

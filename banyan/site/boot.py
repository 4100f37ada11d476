"""Bring Django up for a command: settings and apps, and with `django()` the database too.

`python -m banyan.site.boot WORDS…` runs one of Django's own commands with the database running,
for developers: `python -m banyan.site.boot makemigrations orgs`.
"""

import os
import sys

import django as framework
from django.core.management import execute_from_command_line
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from banyan.kernel.errors import Refusal
from banyan.site import cluster, up


def setup() -> None:
    """Load settings and apps; no database is needed for it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banyan.site.settings")
    framework.setup()


def django() -> None:
    """Have the database running, Django set up, and every migration applied.

    A new home gets its tables here, so that `BANYAN_HOME=/new banyan demo` works by itself. In one
    that holds something already, only `banyan up` applies migrations: Refusal.
    """
    cluster.ensure_running()
    setup()
    missing = missing_migrations()
    if missing and not MigrationRecorder(connection).applied_migrations():
        connection.close()
        up.prepare_database()
        return
    if missing:
        raise Refusal(
            "The database is not up to date.",
            f"{len(missing)} migrations are missing, the first of them {missing[0]}.",
            "Run `make setup`, then try again.",
        )


def missing_migrations() -> list[str]:
    """Names of the migrations this code has and the database has not."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _backwards in plan]


if __name__ == "__main__":
    cluster.ensure_running()
    setup()
    execute_from_command_line(sys.argv)

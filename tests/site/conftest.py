"""The example, made once for all files that look at it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from tests.house import HOUSE, drop, point_django_at

# The example is imported where it is made: this file is read before Django stands.


@pytest.fixture(scope="session")
def example_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """A database of its own with the example, committed."""
    from banyan.site import demo

    name = HOUSE.clone("empty")
    with django_db_blocker.unblock():
        point_django_at(name)
        demo.make_demo()
        point_django_at(None)
    yield name
    drop(name)


@pytest.fixture(scope="module")
def example(example_database: str, django_db_blocker: Any) -> Iterator[Any]:
    """The example's district; the file's tests work in the example's database."""
    from banyan.site import demo

    with django_db_blocker.unblock():
        point_django_at(example_database)
        yield demo.make_demo()
        point_django_at(None)


@pytest.fixture(autouse=True)
def _leaves_no_trace(request: Any) -> Iterator[None]:
    """Each test of the example finds it as it was made."""
    if "example_database" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("example")
    with transaction.atomic():
        yield
        transaction.set_rollback(True)

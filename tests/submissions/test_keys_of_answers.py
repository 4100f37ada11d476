"""What a typed answer belongs to and names is there, and stays: the database sees to it."""

import pytest
from django.db import IntegrityError, connection, transaction

from banyan.orgs.models import Unit
from banyan.people.models import Person
from banyan.submissions.models import Answer

pytestmark = pytest.mark.django_db


def test_an_answer_without_its_record_is_refused_by_the_database(world):
    with pytest.raises(IntegrityError), transaction.atomic():
        Answer.objects.create(submission_id=10**12, field="level", choice="commune")


@pytest.mark.parametrize("name", ["unit", "person", "document"])
def test_an_answer_that_names_what_is_not_there_is_refused_by_the_database(name, world):
    with pytest.raises(IntegrityError, match=f"names a {name}"), transaction.atomic():
        Answer.objects.create(
            submission=world.initiative.submission, field="x", **{f"{name}_id": 10**12}
        )


def test_what_an_answer_names_does_not_go(world):
    named = {
        "unit": Unit.objects.create(kind="village", source="test"),
        "person": Person.objects.create(name="Nguyễn Văn Thử", home=world.commune),
    }
    for name, thing in named.items():
        answer = Answer.objects.create(
            submission=world.initiative.submission, field="x", **{name: thing}
        )
        with pytest.raises(IntegrityError, match=f"names this {name}"), transaction.atomic():
            let_go(thing)
        answer.delete()
        let_go(thing)


def let_go(thing):
    """Delete a row as nobody does who asks Django first, and ask now what a commit asks."""
    type(thing).objects.filter(pk=thing.pk)._raw_delete(connection.alias)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")

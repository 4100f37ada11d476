"""Installing a pack freezes an edition; an edition is never changed, only succeeded."""

import copy
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from banyan.kernel.errors import Refusal
from banyan.ledger.models import Event
from banyan.orgs.changes import Newcomer
from banyan.orgs.operations import found
from banyan.packs.models import Edition, Programme
from banyan.packs.operations import install, role_of
from banyan.packs.reading import read, shipped
from banyan.people.actor import Installer

pytestmark = pytest.mark.django_db
PACK = "dan-van-kheo"


@pytest.fixture
def unit():
    """The district that runs the programme."""
    new = Newcomer(kind="district", name="Huyện Thử Nghiệm")
    return found(None, new=new, on=None, by=Installer())


@pytest.fixture
def content():
    return read(next(folder for folder in shipped() if folder.name == PACK))


def put_in(unit, content):
    """Install content under the names it bears."""
    said = content["pack"]
    return install(unit, pack=said["id"], edition=said["edition"], content=content, by=Installer())


def later(content, **changes):
    """The same pack as a later edition."""
    newer = copy.deepcopy(content)
    newer["pack"] |= {"edition": 3, "valid_from": "2025-07-01"} | changes
    return newer


def test_an_installed_pack_is_an_edition_with_its_content_its_roles_and_an_event(unit, content):
    edition = put_in(unit, content)
    fresh = Edition.objects.get(pk=edition.pk)
    assert fresh.content == content
    assert fresh.pack.indicator("completed").op == "share"
    assert fresh.pack.hash == fresh.content_hash
    assert fresh.unit == unit
    assert fresh.text("title", "en") == fresh.pack.text("title", "en")
    role = role_of(PACK, "reviewer")
    assert "submission.review" in role.capabilities
    assert role.names["en"] == "Compiling and reviewing officer"
    event = Event.objects.get(verb="pack.installed")
    assert event.tells == {"pack": PACK, "edition": 2}


def test_installing_the_same_content_again_changes_nothing(unit, content):
    first = put_in(unit, content)
    assert put_in(unit, copy.deepcopy(content)) == first
    assert Edition.objects.count() == 1


def test_other_content_under_the_same_number_is_refused_with_what_to_do(unit, content):
    put_in(unit, content)
    changed = copy.deepcopy(content)
    changed["criteria"]["grades"][0]["at_least"]["value"] = 90
    with pytest.raises(Refusal) as refusal:
        put_in(unit, changed)
    assert refusal.value.status == 409
    assert "3" in refusal.value.mend
    assert Edition.objects.get().pack.criteria.grades[0].at_least == 85


def test_a_new_edition_ends_the_older_one_on_the_day_it_begins(unit, content):
    put_in(unit, content)
    put_in(unit, later(content))
    programme = Programme.objects.get(key=PACK)
    assert programme.edition_on(date(2025, 6, 30)).number == 2
    assert programme.edition_on(date(2025, 7, 1)).number == 3
    assert programme.edition_on(date(2020, 1, 1)) is None
    assert [e.number for e in Edition.objects.of(PACK).newest_first()] == [3, 2]
    assert [e.number for e in Edition.objects.valid_on(date(2024, 5, 1))] == [2]


@pytest.mark.parametrize(
    "changes", [{"valid_from": "2022-01-01"}, {"valid_from": "2020-01-01"}], ids=["same", "earlier"]
)
def test_a_new_edition_must_begin_later(unit, content, changes):
    put_in(unit, content)
    with pytest.raises(Refusal):
        put_in(unit, later(content, **changes))
    assert Edition.objects.get().valid.upper is None


def test_content_of_another_pack_is_refused(unit, content):
    with pytest.raises(Refusal):
        install(unit, pack="other", edition=1, content=content, by=Installer())
    assert not Programme.objects.exists()


def test_a_stranger_cannot_install(unit, content):
    stranger = Installer(rights=frozenset())
    with pytest.raises(Refusal) as refusal:
        install(unit, pack=PACK, edition=1, content=content, by=stranger)
    assert refusal.value.status == 403
    assert not Edition.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE packs_edition SET content = '{}'",
        "UPDATE packs_edition SET content_hash = ''",
        "UPDATE packs_edition SET number = 7",
        "UPDATE packs_edition SET valid = daterange('2019-01-01', NULL)",
        "UPDATE packs_edition SET valid = 'empty'",
        "DELETE FROM packs_edition",
        "TRUNCATE packs_edition CASCADE",
    ],
)
def test_the_database_refuses_to_change_an_edition(unit, content, change):
    put_in(unit, content)
    cursor = connection.cursor()
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with (
        pytest.raises(DatabaseError, match=r"never changed|permission denied"),
        transaction.atomic(),
    ):
        cursor.execute(change)
    assert Edition.objects.get().content == content


def test_saving_an_edition_again_is_refused(unit, content):
    edition = put_in(unit, content)
    with pytest.raises(DatabaseError), transaction.atomic():
        edition.save()

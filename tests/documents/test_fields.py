"""The field for several files: with a form, without scripts, with ids alone, with somebody else's."""

from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from banyan.documents.fields import MOST, files_picker
from banyan.documents.models import Document, Level, Photo
from banyan.documents.operations import Incoming, keep
from banyan.people.models import Role
from banyan.web.form import Form
from tests.documents import pictures

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_store(tmp_path, settings):
    settings.BANYAN_FILES = tmp_path / "files"


def form_of(world: Any, who: Any, ids: Any = (), files: Any = (), **more: Any) -> Any:
    actor = world.actor(who)
    pick = files_picker(actor)
    made = type(
        "Sheet",
        (Form,),
        {
            "title_": forms.CharField(required=False, max_length=3),
            "photos": pick(None, required=more.pop("required", False), label="Ảnh", help_text=""),
        },
    )
    data = QueryDict(mutable=True)
    data.setlist("photos", [str(one) for one in ids])
    data.update(more)
    return made(data, MultiValueDict({"photos": list(files)}), actor=actor)


def photo_file(seed: int = 1, name: str = "anh.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pictures.photo(seed), "image/jpeg")


def stored(world: Any, who: Any, unit: Any, **more: Any) -> Document:
    file = Incoming("a.jpg", "image/jpeg", [pictures.photo(3)])
    made: Document = keep(unit, file=file, by=world.actor(who), **more)
    return made


def test_photos_that_come_with_a_form_are_stored_and_their_ids_are_the_answer(world):
    pdf = SimpleUploadedFile("bien ban.pdf", b"%PDF-1.4 x", "application/pdf")
    form = form_of(world, world.lan, files=[photo_file(), pdf])
    assert form.is_valid(), form.errors
    assert form.cleaned_data["photos"] == list(
        Document.objects.order_by("pk").values_list("pk", flat=True)
    )
    assert Photo.objects.count() == 1
    assert form.is_multipart()


def test_a_mistake_elsewhere_in_the_form_loses_no_photo(world):
    form = form_of(world, world.lan, files=[photo_file()], title_="quá dài")
    assert not form.is_valid()
    document = Document.objects.get()
    shown = str(form["photos"])
    assert f'value="{document.pk}" checked' in shown
    assert f"/photos/{document.pk}/thumb" in shown
    again = form_of(world, world.lan, ids=[document.pk])
    assert again.is_valid()
    assert again.cleaned_data["photos"] == [document.pk]


def test_the_same_form_sent_twice_stores_its_photos_once(world):
    for _n in range(2):
        assert form_of(world, world.lan, files=[photo_file()]).is_valid()
    assert Document.objects.count() == 1


def test_what_was_unticked_is_left_out_and_the_order_is_kept(world):
    one, two = stored(world, world.lan, world.commune), stored(world, world.lan, world.commune)
    form = form_of(world, world.lan, ids=[two.pk, one.pk, two.pk])
    assert form.is_valid()
    assert form.cleaned_data["photos"] == [two.pk, one.pk]
    assert form_of(world, world.lan, ids=[]).is_valid()
    assert not form_of(world, world.lan, ids=[], required=True).is_valid()


def test_nobody_shows_a_document_he_may_not_see(world):
    theirs = stored(world, world.hoa, world.other_commune)
    Role.objects.filter(key="dan-van-kheo-registrar").update(clearance=Level.RESTRICTED)
    secret = stored(world, world.lan, world.commune, level=Level.RESTRICTED)
    Role.objects.filter(key="dan-van-kheo-registrar").update(clearance=Level.INTERNAL)
    for pk in (theirs.pk, secret.pk, 10**17, "x", "-1", "9" * 30, "1;DROP"):
        form = form_of(world, world.lan, ids=[pk])
        assert not form.is_valid(), pk
        assert f"/photos/{pk}" not in str(form["photos"])


def test_each_file_that_fails_is_named_and_the_good_ones_stay(world):
    form = form_of(
        world,
        world.lan,
        files=[
            photo_file(),
            SimpleUploadedFile("virus.exe", b"MZ", "application/octet-stream"),
            SimpleUploadedFile("gia.jpg", b"MZ\0\0", "image/jpeg"),
            SimpleUploadedFile("trong.jpg", b"", "image/jpeg"),
        ],
    )
    assert not form.is_valid()
    said = " ".join(form.errors["photos"])
    assert all(name in said for name in ("virus.exe", "gia.jpg", "trong.jpg"))
    assert "anh.jpg" not in said
    assert Document.objects.count() == 1


def test_more_files_than_stand_here_are_refused_before_any_is_stored(world):
    form = form_of(world, world.lan, files=[photo_file() for _n in range(MOST + 1)])
    assert not form.is_valid()
    assert not Document.objects.exists()


def test_who_may_not_keep_documents_adds_none(world):
    form = form_of(world, world.hung, files=[photo_file()])
    valid = form.is_valid()
    assert valid == world.actor(world.hung).holds("document.keep")
    assert Document.objects.exists() == valid


def test_a_form_sent_without_the_field_has_no_files(world):
    actor = world.actor(world.lan)
    made = type("Sheet", (Form,), {"photos": files_picker(actor)(None, required=False)})
    form = made({}, actor=actor)
    assert form.is_valid()
    assert form.cleaned_data["photos"] == []

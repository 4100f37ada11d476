"""The pages on which lists of units, codes and people are sent."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from banyan.imports.models import Import
from banyan.imports.targets import codes, people, units
from tests.imports.lists import book

pytestmark = pytest.mark.django_db
TARGETS = [units.Units, codes.Codes, people.People]


@pytest.mark.parametrize("target", TARGETS, ids=lambda one: one.key)
def test_the_page_asks_for_the_file_and_the_options_of_the_list(world, target):
    page = world.client(world.an).get(reverse("import_new", args=[target.key]))
    assert page.status_code == 200
    for name in target.fields(world.actor(world.an), world.today):
        assert f'name="{name}"' in page.content.decode()
    assert reverse(target.list_url)


@pytest.mark.parametrize("target", TARGETS, ids=lambda one: one.key)
def test_who_has_not_the_right_is_refused(world, target):
    page = world.client(world.lan).get(reverse("import_new", args=[target.key]))
    assert page.status_code in (403, 404)


def test_a_sent_list_keeps_what_was_asked(world):
    file = SimpleUploadedFile("ds.xlsx", book(("TT", "Tên xã", "Huyện"), (1, "Xã A", "Suối Mẫu")))
    said = {"unit": world.district.pk, "file": file, "on": "01/01/2024", "kind": ""}
    page = world.client(world.an).post(reverse("import_new", args=["units"]), said)
    assert page.status_code == 303
    assert Import.objects.get().options == {"on": "2024-01-01", "kind": ""}


@pytest.mark.parametrize("target", TARGETS, ids=lambda one: one.key)
def test_a_template_to_fill_in_can_be_had(world, target):
    asked = {"unit": world.district.pk, "scheme": "gso", "on": "01/01/2024"}
    page = world.client(world.an).get(reverse("import_template", args=[target.key]), asked)
    assert page.status_code == 200


def test_a_workbook_made_for_another_list_is_told_at_once(world):
    client = world.client(world.an)
    asked = {"unit": world.district.pk, "on": "01/01/2024"}
    made = client.get(reverse("import_template", args=["people"]), asked)
    file = SimpleUploadedFile("mau.xlsx", b"".join(made.streaming_content))
    sent = client.post(reverse("import_new", args=["units"]), {**asked, "file": file})
    assert sent.status_code == 422
    assert str(people.People.title) in str(sent.context["form"].errors["file"])
    assert not Import.objects.exists()

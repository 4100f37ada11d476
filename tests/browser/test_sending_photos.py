"""Photographs sent from a phone: made smaller, in pieces, over a network that breaks off."""

from typing import Any

import pytest

from tests.documents import pictures

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}


@pytest.fixture(autouse=True)
def _own_store(tmp_path, settings):
    settings.BANYAN_FILES = tmp_path / "files"


def opened(world: Any, browser: Any, **more: Any) -> Any:
    """A page with a form that holds the field and nothing else."""
    from banyan.documents.fields import files_picker
    from banyan.web.form import Form

    actor = world.actor(world.lan)
    field = files_picker(actor)(None, required=False, label="Ảnh")
    form = type("Sheet", (Form,), {"photos": field})(actor=actor)
    page = browser.open(world.lan, "/documents/new", **{**PHONE, **more})
    markup = f'<div class="field">{form["photos"]}</div><button class="btn main">Gửi</button>'
    page.evaluate(
        """(markup) => {
            const form = document.querySelector("main form");
            const token = form.querySelector("[name=csrfmiddlewaretoken]").outerHTML;
            form.innerHTML = token + markup;
            delete form.dataset.guard; form.method = "get"; form.action = "/documents/new";
        }""",
        markup,
    )
    return page


def photo(name: str = "IMG_0001.jpg", seed: int = 7) -> dict[str, Any]:
    image = pictures.scene(seed).resize((3000, 2250))
    return {"name": name, "mimeType": "image/jpeg", "buffer": pictures.as_bytes(image, quality=90)}


def ids(page: Any) -> list[str]:
    return [
        one.get_attribute("value") for one in page.query_selector_all(".shot input[type=hidden]")
    ]


def test_a_photo_is_made_smaller_on_the_phone_and_the_form_bears_its_id(world, browser, settings):
    from banyan.documents.models import Photo

    page = opened(world, browser)
    page.set_input_files("input[type=file]", [photo(), photo("IMG_0002.jpg", 8)])
    page.wait_for_selector(".shot:nth-child(2) input[type=hidden]", state="attached")
    sizes = {(p.width, p.height) for p in Photo.objects.all()}
    assert sizes == {(1280, 960)}
    assert sorted(ids(page)) == sorted(str(p.pk) for p in Photo.objects.all())
    assert page.input_value("input[type=file]") == ""
    page.click(".shot:first-child button")
    assert len(ids(page)) == 1


def test_sending_goes_on_after_the_network_was_lost(world, browser):
    from banyan.documents.models import Document, Upload

    page = opened(world, browser)
    cut = {"n": 0}

    def weak(route: Any) -> None:
        """The second piece comes in and its answer is lost; the third never arrives."""
        cut["n"] += 1
        if cut["n"] == 2:
            route.fetch()
            route.abort()
        elif cut["n"] == 3:
            route.abort()
        else:
            route.continue_()

    page.route(lambda url: "/uploads/" in url and len(url.split("/uploads/")[1]) > 9, weak)
    page.set_input_files("input[type=file]", photo())
    page.wait_for_selector(".shot input[type=hidden]", state="attached")
    assert cut["n"] > 3
    assert Document.objects.count() == 1
    upload = Upload.objects.get()
    assert upload.offset == upload.size


def test_a_form_sent_too_early_waits_for_its_photos_and_goes_by_itself(world, browser):
    page = opened(world, browser)
    page.set_input_files("input[type=file]", photo())
    page.wait_for_selector(".shot")
    page.click("button.main")
    page.wait_for_url(lambda url: "photos=" in url)
    assert "photos=1" in page.url


def test_what_is_no_picture_is_said_in_words_beside_it(world, browser):
    page = opened(world, browser)
    junk = {"name": "gia.jpg", "mimeType": "image/jpeg", "buffer": b"MZ" + b"\0" * 9_000}
    page.set_input_files("input[type=file]", junk)
    said = page.wait_for_selector(".shot.wrong [data-word]").inner_text()
    assert "Không đọc được ảnh này" in said
    assert ids(page) == []


def test_another_script_hands_a_file_over_by_an_event(world, browser):
    page = opened(world, browser)
    page.evaluate(
        """() => new Promise((done, failed) => {
            const blob = new Blob(["%PDF-1.4 synthetic"], {type: "application/pdf"});
            const detail = {blob, name: "a.pdf", key: "queue-1", done, failed};
            document.dispatchEvent(new CustomEvent("banyan:upload", {detail}));
        })"""
    )
    from banyan.documents.models import Document

    assert Document.objects.get().filename == "a.pdf"

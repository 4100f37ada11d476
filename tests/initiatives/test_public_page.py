"""The public page: recognised models that their owners opened, and not a word more than they chose."""

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banyan.documents import store
from banyan.documents.models import Blob, Document, Level
from banyan.initiatives.consent import Consent
from banyan.initiatives.consent_operations import consent, take_consent_back
from banyan.initiatives.models import Initiative
from banyan.initiatives.operations import recognise, register
from banyan.kernel.errors import Refusal
from banyan.kernel.pictures import is_bare
from banyan.ledger.models import Event
from banyan.submissions.models import Submission
from banyan.submissions.operations import review
from tests.contracts.planting import sow

pytestmark = pytest.mark.django_db
CONTENT, RESULT = "Cách làm mẫu để thử trang.", "Bốn mươi hộ cùng tham gia."
SCORES = {"necessity": 15, "method": 18, "result": 27, "participation": 14, "durability": 18}
PIXELS = b"\xff\xdb\x00\x04\x00\x00\xff\xda\x00\x02pixels\xff\xd9"
BARE = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + PIXELS
TELLING = b"\xff\xd8\xff\xe1\x00\x0cExif\x00\x00GPS." + PIXELS


def recognised(world: Any, initiative: Any = None, **answers: Any) -> Any:
    """A model of the world, reviewed and recognised, with these answers."""
    one = initiative or world.initiative
    told = {**one.submission.answers, "content": CONTENT, "result": RESULT, **answers}
    Submission.objects.filter(pk=one.submission_id).update(state="completed", answers=told)
    one = Initiative.objects.with_page().get(pk=one.pk)
    review(one.submission, move="review", scores=SCORES, by=world.actor(world.minh))
    recognise(
        one,
        body=world.district,
        decision_number="12-QĐ/MH",
        decided_on=date(2024, 6, 18),
        by=world.actor(world.hung),
    )
    return Initiative.objects.with_page().get(pk=one.pk)


def photo(world: Any, content: bytes, level: int = Level.INTERNAL) -> Document:
    """A picture as it lies in the store; one kept before pictures were cleaned may tell much."""
    sha256, size = store.put([content])
    blob, _made = Blob.objects.get_or_create(sha256=sha256, defaults={"size": size})
    kept = {"title": "Ảnh", "filename": "anh.jpg", "media_type": "image/jpeg", "level": level}
    return Document.objects.create(unit=world.commune, blob=blob, **kept)


def page(world: Any, path: str, status: int = 200, who: Any = None) -> str:
    answer = world.client(who).get(path)
    assert answer.status_code == status, f"{path}: {answer.status_code}"
    return str(answer.content.decode())


def another(world: Any, number: int) -> Any:
    """One more model of the commune, recognised."""
    answers = {**world.answers, "title": f"Mô hình số {number}"}
    by = world.actor(world.lan)
    return recognised(world, register(world.commune, round=world.round, answers=answers, by=by))


def publish(world: Any, one: Any, *items: str, photos: tuple[int, ...] = ()) -> str:
    """Publish it as its registrar; its address."""
    consent(one, items=items, photos=photos, by=world.actor(world.lan))
    return f"/p/{one.code}"


def test_without_consent_a_recognised_model_is_like_one_that_does_not_exist(world):
    one = recognised(world)
    assert one.title not in page(world, "/p/")
    known, unknown = (page(world, path, 404) for path in (f"/p/{one.code}", "/p/MH-2024-9999"))
    secret = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
    said = [secret.sub("", text) for text in (known, unknown)]
    assert said[0].replace(one.code, "") == said[1].replace("MH-2024-9999", "")


def test_only_a_recognised_model_is_published(world):
    with pytest.raises(Refusal) as refused:
        consent(world.initiative, items=("content",), by=world.actor(world.lan))
    assert refused.value.status == 409
    page(world, f"/p/{world.initiative.code}", 404)


def test_strangers_read_what_the_owner_chose_and_nothing_else(world):
    one = recognised(world)
    shown = page(world, publish(world, one, "content"))
    assert one.title in shown
    assert CONTENT in shown
    assert "12-QĐ/MH" in shown
    for kept in (RESULT, "Xã Đồi Mẫu", "Chi hội Phụ nữ Bến Mẫu", world.lan.name, "12.000.000"):
        assert kept not in shown
    shown = page(world, publish(world, one, "result", "place", "registrant"))
    for told in (RESULT, "Xã Đồi Mẫu", "Huyện Suối Mẫu", "Chi hội Phụ nữ Bến Mẫu"):
        assert told in shown
    assert CONTENT not in shown


def test_taken_back_the_page_is_gone_at_once_with_its_photos_and_its_line_in_the_list(world):
    picture = photo(world, BARE)
    one = recognised(world, photos_before=[picture.pk])
    url = publish(world, one, "content", photos=(picture.pk,))
    assert one.title in page(world, "/p/")
    assert world.client().get(f"{url}/0").status_code == 200
    take_consent_back(one, by=world.actor(world.lan))
    assert one.title not in page(world, url, 410)
    assert one.title not in page(world, "/p/")
    assert world.client().get(f"{url}/0").status_code == 404
    verbs = Event.objects.order_by("-pk").values_list("verb", flat=True)[:2]
    assert list(verbs) == ["consent.taken_back", "consent.given"]


def test_a_model_that_loses_its_recognition_leaves_the_public_page(world):
    one = recognised(world)
    url = publish(world, one, "content")
    Submission.objects.filter(pk=one.submission_id).update(state="withdrawn")
    assert one.title not in page(world, url, 410)
    assert one.title not in page(world, "/p/")


def test_a_person_is_named_only_if_the_owner_ticks_the_name(world):
    answers = {
        **world.answers,
        "title": "Người giữ ngõ sạch",
        "registrant_kind": "individual",
        "registrant_name": "Đỗ Thị Mẫu Thử",
    }
    made = register(world.commune, round=world.round, answers=answers, by=world.actor(world.lan))
    one = recognised(world, made, content="Bà Đỗ Thị Mẫu Thử quét ngõ mỗi sáng.")
    shown = page(world, publish(world, one, "content", "result", "place"))
    assert "quét ngõ mỗi sáng" in shown
    assert "Đỗ Thị Mẫu Thử" not in shown
    assert "Đỗ Thị Mẫu Thử" in page(world, publish(world, one, "content", "registrant"))


def test_a_title_that_names_a_person_is_not_published_without_that_name(world):
    answers = {
        **world.answers,
        "title": "Gương người tốt Đỗ Thị Mẫu Thử",
        "registrant_kind": "individual",
        "registrant_name": "Đỗ Thị Mẫu Thử",
    }
    made = register(world.commune, round=world.round, answers=answers, by=world.actor(world.lan))
    one = recognised(world, made)
    with pytest.raises(Refusal):
        consent(one, items=("content",), by=world.actor(world.lan))
    page(world, publish(world, one, "registrant"))


def test_only_photos_that_tell_nothing_but_what_is_seen_are_published(world):
    bare, telling = photo(world, BARE), photo(world, TELLING)
    secret, foreign = photo(world, BARE + b"1", Level.RESTRICTED), photo(world, BARE + b"2")
    one = recognised(world, photos_before=[bare.pk, telling.pk], photos_after=[secret.pk])
    for wrong in (telling, secret, foreign):
        with pytest.raises(Refusal):
            consent(one, items=(), photos=[wrong.pk], by=world.actor(world.lan))
    form = page(world, f"/initiatives/{one.pk}/publish", who=world.lan)
    assert f'value="{bare.pk}"' in form
    assert f'value="{telling.pk}"' not in form
    assert "2 ảnh không có trong danh sách chọn" in form
    url = publish(world, one, photos=(bare.pk,))
    answer = world.client().get(f"{url}/0")
    assert b"".join(answer.streaming_content) == BARE
    assert "anh.jpg" not in str(answer.headers)
    assert world.client().get(f"{url}/1").status_code == 404
    Document.objects.filter(pk=bare.pk).update(level=Level.RESTRICTED)
    assert world.client().get(f"{url}/0").status_code == 404


@pytest.mark.parametrize(
    ("picture", "bare"),
    [
        (BARE, True),
        (TELLING, False),
        (b"\xff\xd8\xff\xfe\x00\x06said" + PIXELS, False),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x00IEND\x00\x00\x00\x00", True),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x02eXIfab\x00\x00\x00\x00", False),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 \x02\x00\x00\x00ab", True),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 \x01\x00\x00\x00a\x00EXIF\x01\x00\x00\x00a", False),
        (b"%PDF-1.7", False),
        (b"", False),
        (b"\xff\xd8\xff", False),
    ],
)
def test_what_a_picture_carries_beside_its_pixels_is_found(picture, bare):
    assert is_bare(picture) is bare


def test_the_registrar_publishes_by_the_page_and_sees_what_everybody_sees(world):
    one = recognised(world)
    client = world.client(world.lan)
    record = client.get(one.get_absolute_url()).content.decode()
    assert "Công khai…" in record
    url = f"/initiatives/{one.pk}/publish"
    assert client.post(url, {"items": ["content"], "key": "a"}).status_code == 422
    answer = client.post(url, {"items": ["content"], "agreed": "on", "key": "b"})
    assert (answer.status_code, answer.url) == (303, f"/p/{one.code}")
    record = client.get(one.get_absolute_url()).content.decode()
    assert "Sửa nội dung công khai" in record
    assert "Thôi công khai" in record
    again = client.get(url).context["form"]
    assert again["items"].value() == ["content"]
    answer = client.post(f"/initiatives/{one.pk}/unpublish", {"key": "c"})
    assert answer.url == one.get_absolute_url()
    page(world, f"/p/{one.code}", 410)


def test_who_may_not_edit_there_neither_publishes_nor_takes_back(world):
    one = recognised(world)
    publish(world, one, "content")
    for who, codes in ((world.hoa, (404, 404)), (world.hung, (403, 403)), (None, (302, 302))):
        client = world.client(who)
        body = {"items": ["result"], "agreed": "on"}
        found = tuple(
            client.post(f"/initiatives/{one.pk}/{verb}", body).status_code
            for verb in ("publish", "unpublish")
        )
        assert found == codes
    assert Consent.objects.standing().get().items == ["content"]


def test_a_new_choice_replaces_the_old_one_and_both_stay_on_record(world):
    one = recognised(world)
    publish(world, one, "content")
    publish(world, one, "result")
    assert Consent.objects.filter(initiative=one).count() == 2
    assert Consent.objects.standing().get(initiative=one).items == ["result"]


def test_the_list_is_searched_by_words_field_place_and_year(world):
    one = recognised(world)
    publish(world, one, "content", "place")
    asked = {
        "q=duong hoa": True,
        "q=Đường+hoa+tự+quản": True,
        "q=khongcotu": False,
        "place=suoi mau": True,
        "place=Cầu Giả": False,
        "year=2024": True,
        "year=2023": False,
        "field=culture_society": True,
        "field=economy": False,
    }
    for query, is_found in asked.items():
        assert (one.title in page(world, f"/p/?{query}")) == is_found, query
    publish(world, one, "content")
    # What the page does not tell, a search does not tell either.
    assert one.title not in page(world, "/p/?place=suoi mau")


def test_torn_questions_are_answered_calmly(world):
    for query in ("year=abcd", "after=x", "after=" + "9" * 40, "q=%25_", "field=%3Cb%3E", "year=9"):
        page(world, f"/p/?{query}")


def test_a_public_page_may_be_kept_a_minute_and_sets_no_cookie(world):
    one = recognised(world)
    for path in ("/p/", publish(world, one, "content")):
        answer = world.client().get(path)
        assert answer.headers["Cache-Control"] == "public, max-age=60"
        assert not answer.cookies
        assert "Accept-Language" in answer.headers["Vary"]
    assert "public" not in world.client(world.lan).get("/p/").headers["Cache-Control"]


def test_a_public_page_tells_a_messenger_its_title_and_address(world, settings):
    settings.BANYAN_URL = "https://banyan.example.org"
    one = recognised(world)
    shown = page(world, publish(world, one, "content"))
    assert f'<meta property="og:title" content="{one.title}">' in shown
    assert f'content="https://banyan.example.org/p/{one.code}"' in shown
    assert f'<meta property="og:description" content="{CONTENT}">' in shown


def test_a_synthetic_model_says_so_in_public_and_both_languages_are_offered(world):
    one = recognised(world)
    Initiative.objects.filter(pk=one.pk).update(synthetic=True)
    url = publish(world, one, "content")
    assert "bản ghi minh họa" in page(world, url)
    english = page(world, f"{url}?language=en")
    assert "synthetic record" in english
    assert 'lang="en"' in english


def test_public_pages_ask_the_database_rarely_however_many_models_there_are(world):
    one = recognised(world)
    url = publish(world, one, "content", "place", "result", "registrant")
    client, counted = world.client(), []
    for many in (0, 25):
        for number in range(many):
            publish(world, another(world, number), "content", "place")
        for path in ("/p/", url):
            client.get(path)
            with CaptureQueriesContext(connection) as asked:
                assert client.get(path).status_code == 200
            counted.append(len(asked))
    assert max(counted) <= 8
    assert counted[:2] == counted[2:]


def test_pages_of_the_list_lose_and_double_nothing(world):
    expected = set()
    for number in range(30):
        expected.add(publish(world, another(world, number), "content"))
    url, seen = "/p/", []
    while url:
        answer = world.client().get(url)
        seen += [card["url"] for card in answer.context["models"]]
        url = answer.context["next_url"]
    assert len(seen) == len(set(seen)) == 30
    assert set(seen) == expected


def test_planted_models_without_consent_are_reached_by_no_public_address(world):
    """The canary of the public page: codes are its only keys, and knowing one opens nothing."""
    for model in (Initiative, Consent):
        sow(model, 3, unit=world.other_commune, mark="Zqkfar")
    for code in Initiative.objects.values_list("code", flat=True):
        for path in (f"/p/{code}", f"/p/{code}/0"):
            answer = world.client().get(path)
            assert answer.status_code in (404, 410)
            assert "Zqkfar" not in answer.content.decode().replace(code, "")
    shown = page(world, "/p/?q=Zqkfar").replace('value="Zqkfar"', "")
    assert "Zqkfar" not in shown.replace("q=Zqkfar", "")

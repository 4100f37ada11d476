"""The canary: a marked row of every model beyond each reader's reach, and above his clearance.

Every page, part, file and API answer is fetched as each person of the world. The mark never appears.
Where it may appear it does, so that silence means something.
"""

import io
import zipfile
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import pytest

from banyan.documents.models import Document, Level
from banyan.web.listing import Listing
from tests.contracts.planting import divide, sow
from tests.contracts.registry import Address, addresses, everything_is_imported, scoped_models

everything_is_imported()
# Where it stands → its mark. Marks are words no text contains.
FAR, NEAR, SECRET = "Zqkfar", "Zqknear", "Zqksecret"
ADDRESSES = [
    a for a in addresses() if not a.route.startswith(("accounts/", "api/openapi", "api/docs"))
]
HIDDEN_FROM = {
    "lan": (FAR, NEAR, SECRET),
    "minh": (FAR, SECRET),
    "hung": (FAR, SECRET),
    "an": (FAR, SECRET),
    "hoa": (NEAR, SECRET),
    "stranger": (FAR, NEAR, SECRET),
    "nobody": (FAR, NEAR, SECRET),
}
QUERIES = ("", "?as=csv", "?as=xlsx", "?as=json", "?q=Zqk", "?period=2024H1&place=W1")


@dataclass(frozen=True)
class Planted:
    """The rows by mark, and all their keys by model."""

    keys: dict[Any, dict[str, int]]

    def of(self, address: Address) -> list[int]:
        """Keys to try in an address: its own model's rows, else one of every model's."""
        own = owner(address)
        if own is not None:
            return sorted(self.keys[own].values())
        return sorted({key for by_mark in self.keys.values() for key in by_mark.values()})


def owner(address: Address) -> Any:
    """The scoped model an address opens: of the list of the same name, or named like its first word."""
    word = address.route.split("/")[0]
    named = {f"{model._meta.model_name}s": model for model in scoped_models()}
    listing = Listing.all.get(word)
    model = listing.of if listing is not None else named.get(word)
    return model if model in scoped_models() else None


@pytest.fixture
def planted(world: Any) -> Planted:
    """The far row at the other commune, the near one at the sister commune, the secret one here."""
    keys: dict[Any, dict[str, int]] = {}
    places = {FAR: world.other_commune, NEAR: world.sister_commune}
    for model in scoped_models():
        keys[model] = {m: sow(model, unit=u, mark=m)[0].pk for m, u in places.items()}
    document = sow(Document, unit=world.village, mark=SECRET, level=Level.RESTRICTED)[0]
    keys[Document][SECRET] = document.pk
    return Planted(keys)


def said_in(answer: Any) -> str:
    """All the text of an answer: streamed, zipped or plain."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            body = b"\n".join(parts.read(name) for name in parts.namelist())
    return str(body.decode("utf-8", "replace"))


def fetches(address: Address, planted: Planted) -> list[tuple[str, dict[str, str]]]:
    """Every way an address is fetched: its keys, its queries, whole and as a part."""
    keys = planted.of(address) if any(name == "pk" for name, _ in address.parameters) else [0]
    listed = not address.parameters and address.route.rstrip("/").split("/")[-1] in Listing.all
    queries = QUERIES if listed else ("",)
    found = []
    for key in keys:
        url = address.url({"pk": key, "move": "begin"})
        found += [(url + query, {}) for query in queries]
    found.append((url, {"HX-Request": "true"}))
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("who", HIDDEN_FROM)
def test_nobody_reads_what_lies_beyond_his_reach_or_above_his_clearance(who, world, planted):
    client = world.client(getattr(world, who, None))
    for address in ADDRESSES:
        for url, headers in fetches(address, planted):
            answer = client.get(url, headers=headers)
            assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR, url
            text = said_in(answer).replace("q=Zqk", "")
            for mark in HIDDEN_FROM[who]:
                assert mark not in text, f"{who} reads {mark} at {url} {headers}"


@pytest.mark.django_db
@pytest.mark.parametrize("who", HIDDEN_FROM)
@pytest.mark.parametrize("name", Listing.all)
def test_no_list_holds_a_row_beyond_reach(name, who, world, planted):
    """By number: rows that hold no words would bear no mark."""
    answer = world.client(getattr(world, who, None)).get(f"/api/{name}")
    listed = (
        {row["id"] for row in answer.json().get("rows", ())} if answer.status_code == 200 else set()
    )
    keys = planted.keys.get(Listing.all[name].of, {})
    assert not listed & {keys[mark] for mark in HIDDEN_FROM[who] if mark in keys}


@pytest.mark.django_db
@pytest.mark.parametrize("who", [one for one in HIDDEN_FROM if one not in ("nobody",)])
def test_what_lies_beyond_reach_cannot_be_acted_upon_either(who, world, planted):
    """A POST to a row beyond reach does not even say that the row exists."""
    client = world.client(getattr(world, who))
    marks = HIDDEN_FROM[who]
    for address in ADDRESSES:
        own = owner(address)
        if own is None or not address.parameters:
            continue
        for mark in marks:
            if mark not in planted.keys[own]:
                continue
            url = address.url({"pk": planted.keys[own][mark], "move": "begin"})
            for method in ("get", "post"):
                answer = getattr(client, method)(url)
                assert answer.status_code in (403, 404, 405), f"{who} {method} {url}"


@pytest.mark.django_db
@pytest.mark.parametrize("who", [one for one in HIDDEN_FROM if one not in ("nobody", "stranger")])
def test_no_queryset_shows_a_row_beyond_reach(who, world, planted):
    actor = world.actor(getattr(world, who))
    for model in scoped_models():
        seen = set(model._default_manager.visible_to(actor).values_list("pk", flat=True))
        hidden = {
            planted.keys[model][mark] for mark in HIDDEN_FROM[who] if mark in planted.keys[model]
        }
        assert not seen & hidden, f"{who} sees {model.__name__}"


@pytest.mark.django_db
@pytest.mark.parametrize("name", Listing.all)
def test_the_row_is_shown_to_whoever_may_see_it(name, world, planted):
    """Without this, the canary could be silent because it was never planted."""
    model = Listing.all[name].of
    if model not in scoped_models():
        pytest.skip("its rows belong to no unit")
    if name == "placing":  # its rows are records of a unit that was divided
        divide(world.sister_commune)
    near = planted.keys[model][NEAR]
    shown = [
        near in {row["id"] for row in world.client(who).get(f"/api/{name}").json().get("rows", ())}
        for who in (world.minh, world.hung, world.an)
    ]
    assert any(shown), f"nobody sees a row of his district in {name}"


@pytest.mark.django_db
def test_the_mark_is_read_by_whoever_may_read_it(world, planted):
    for who, path in ((world.minh, "/initiatives/?as=xlsx"), (world.an, "/documents/?as=csv")):
        text = said_in(world.client(who).get(path))
        assert NEAR in text
        assert FAR not in text
        assert SECRET not in text


@pytest.mark.django_db
def test_every_scoped_model_can_be_planted(planted):
    assert set(planted.keys) == set(scoped_models())
    assert all({FAR, NEAR} <= set(by_mark) for by_mark in planted.keys.values())

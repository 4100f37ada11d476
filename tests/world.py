"""The small world of the tests: one branch of the tree, a sibling branch, six named people.

Made by the real operations, once (`python -m tests.world` fills a template database), and cloned.
All names are synthetic. `World` finds its things again by code and address, one query each.
"""

import os
from collections.abc import Iterable
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

TODAY = date(2024, 6, 20)
SINCE = date(2020, 1, 1)
PERIOD = "2024H1"
PACK = "dan-van-kheo"
PASSWORD = "synthetic-password-1"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"

# code → kind, name, parent's code
UNITS = {
    "W1": ("province", "Tỉnh Thử Nghiệm", None),
    "W11": ("district", "Huyện Suối Mẫu", "W1"),
    "W111": ("commune", "Xã Đồi Mẫu", "W11"),
    "W1111": ("village", "Thôn Bến Mẫu", "W111"),
    "W112": ("commune", "Xã Đồng Mẫu", "W11"),
    "W12": ("district", "Huyện Sông Giả", "W1"),
    "W121": ("commune", "Xã Cầu Giả", "W12"),
}
# name → full name, role, unit's code
PEOPLE = {
    "lan": ("Nguyễn Thị Lan Thử", f"{PACK}-registrar", "W111"),
    "minh": ("Trần Văn Minh Thử", f"{PACK}-reviewer", "W11"),
    "hung": ("Lê Văn Hùng Thử", f"{PACK}-leader", "W11"),
    "an": ("Phạm Văn An Thử", "administrator", "W11"),
    "hoa": ("Hoàng Thị Hoa Thử", f"{PACK}-registrar", "W121"),
    "stranger": ("Vũ Văn Lạ Thử", None, "W12"),
}
ADMINISTERS = [
    "unit.view",
    "unit.reorganise",
    "person.view",
    "person.manage",
    "post.view",
    "post.appoint",
    "membership.view",
    "membership.manage",
    "role.define",
    "pack.view",
    "pack.install",
    "round.open",
    "document.view",
    "document.keep",
    "submission.view",
    "submission.edit",
    "submission.import",
    "figure.view",
    "report.write",
]
ANSWERS = {
    "title": "Tuyến đường hoa tự quản",
    "registrant_kind": "collective",
    "registrant_name": "Chi hội Phụ nữ Bến Mẫu",
    "field": "culture_society",
    "level": "district",
    "registered_on": "2024-02-05",
    "resources_money": 12_000_000,
    "beneficiary_households": 40,
}


class World:
    """The world as it was made. `world.commune`, `world.lan`, `world.client(world.lan)`."""

    today = TODAY
    period = PERIOD
    people = tuple(PEOPLE)
    answers = ANSWERS

    @cached_property
    def province(self) -> Any:
        return unit("W1")

    @cached_property
    def district(self) -> Any:
        return unit("W11")

    @cached_property
    def commune(self) -> Any:
        return unit("W111")

    @cached_property
    def village(self) -> Any:
        return unit("W1111")

    @cached_property
    def sister_commune(self) -> Any:
        """Another commune of the same district."""
        return unit("W112")

    @cached_property
    def other_district(self) -> Any:
        return unit("W12")

    @cached_property
    def other_commune(self) -> Any:
        return unit("W121")

    @cached_property
    def lan(self) -> Any:
        """Registrar at the commune."""
        return person("lan")

    @cached_property
    def minh(self) -> Any:
        """Reviewer at the district."""
        return person("minh")

    @cached_property
    def hung(self) -> Any:
        """Leader at the district."""
        return person("hung")

    @cached_property
    def an(self) -> Any:
        """Administrator at the district."""
        return person("an")

    @cached_property
    def hoa(self) -> Any:
        """Registrar at the other commune, in the other district."""
        return person("hoa")

    @cached_property
    def stranger(self) -> Any:
        """Has an account and no post."""
        return person("stranger")

    @cached_property
    def edition(self) -> Any:
        from banyan.packs.models import Edition

        return Edition.objects.of(PACK).get()

    @cached_property
    def round(self) -> Any:
        """The district's round of 2024H1."""
        return self._round("W11")

    @cached_property
    def other_round(self) -> Any:
        """The other district's round of 2024H1."""
        return self._round("W12")

    @cached_property
    def initiative(self) -> Any:
        """Registered by lan at the commune, and sent in."""
        return self._initiative("W111")

    @cached_property
    def other_initiative(self) -> Any:
        """Registered by hoa at the other commune, and sent in."""
        return self._initiative("W121")

    @cached_property
    def decision(self) -> Any:
        """A decision on units that an prepares at the district; begun when it is asked for."""
        from banyan.reorganisations.models import Reorganisation
        from banyan.reorganisations.operations import Facts, draft

        facts = Facts("1/QĐ", TODAY, TODAY, "Sắp xếp thử nghiệm")
        by = actor(self.an)
        return Reorganisation.objects.first() or draft(self.district, facts=facts, by=by)

    @staticmethod
    def _initiative(code: str) -> Any:
        from banyan.initiatives.models import Initiative

        return Initiative.objects.with_page().get(unit__codes__code=code)

    @staticmethod
    def _round(code: str) -> Any:
        from banyan.submissions.models import Round

        return Round.objects.select_related("edition__programme").get(unit__codes__code=code)

    def actor(self, who: Any) -> Any:
        """The person in the first of today's posts."""
        return actor(who)

    def client(self, who: Any = None) -> Any:
        """A browser without a screen, signed in as the person (None: as nobody)."""
        from django.test import Client

        client = Client(HTTP_ACCEPT_LANGUAGE="vi")
        if who is not None:
            client.force_login(who.account, backend=BACKEND)
        return client


def unit(code: str) -> Any:
    """A unit of the world by its code."""
    from banyan.orgs.models import Unit

    return Unit.objects.prefetch_related("names", "codes").get(codes__code=code)


def email(name: str) -> str:
    """The address somebody signs in with."""
    return f"{name}@world.example"


def person(name: str) -> Any:
    """Somebody of the world."""
    from banyan.people.models import Person

    return Person.objects.select_related("account", "home").get(account__email=email(name))


def actor(who: Any) -> Any:
    """The person in the first of today's posts."""
    from banyan.people.actor import Actor

    return Actor.in_first_post(who.account, TODAY)


def cookie_of(who: Any) -> str:
    """The value of a session cookie of somebody signed in, for a real browser."""
    client: Any = World().client(who)
    return str(client.cookies["sessionid"].value)


# -- making it ----------------------------------------------------------------------------------


def installer(*also: str) -> Any:
    """Who acts before anybody holds a post."""
    from banyan.people.actor import Installer

    usual = Installer()
    return Installer(rights=usual.rights | set(also))


def found(units: Iterable[str] = UNITS) -> None:
    """Found the units."""
    from banyan.orgs.changes import Newcomer
    from banyan.orgs.operations import found as found_unit

    made: dict[str | None, Any] = {None: None}
    for code in units:
        kind, name, parent = UNITS[code]
        new = Newcomer(kind, name, code, source="synthetic")
        made[code] = found_unit(made[parent], new=new, on=SINCE, by=installer())


def settle() -> None:
    """Install the pack, define the administrator's role, register and appoint the people."""
    from banyan.packs.operations import install
    from banyan.packs.reading import read
    from banyan.people.models import Role
    from banyan.people.operations import appoint, define_role, register_person

    content = read(Path(__file__).resolve().parents[1] / "packs" / PACK)
    top, by = unit("W1"), installer()
    number = content["pack"]["edition"]
    install(top, pack=PACK, edition=number, content=content, by=by)
    define_role(
        top,
        key="administrator",
        names={"vi": "Quản trị", "en": "Administrator"},
        capabilities=ADMINISTERS,
        clearance=1,
        source="tests",
        by=by,
    )
    for name, (full, role, code) in PEOPLE.items():
        home = unit(code)
        who = register_person(
            home, name=full, email=email(name), password=PASSWORD, synthetic=True, by=by
        )
        if role is not None:
            appoint(home, person=who, role=Role.objects.get(key=role), on=SINCE, by=by)


def begin() -> None:
    """Open a round in each district; lan and hoa register one model each."""
    from banyan.initiatives.operations import register
    from banyan.packs.models import Edition
    from banyan.submissions.operations import open_round

    edition = Edition.objects.of(PACK).get()
    due = date(2024, 6, 15)
    openers = {"W11": actor(person("an")), "W12": installer("round.open")}
    for (code, by), name in zip(openers.items(), ("lan", "hoa"), strict=True):
        asked = open_round(
            unit(code), edition=edition, form="register", period=PERIOD, due=due, by=by
        )
        register(unit(PEOPLE[name][2]), round=asked, answers=dict(ANSWERS), by=actor(person(name)))


def main() -> None:
    """Fill the database this process was pointed at."""
    import django
    from django.conf import settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banyan.site.settings")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    django.setup()
    found()
    settle()
    begin()
    from banyan.figures.folding import fold_all

    fold_all()  # as the worker does all day


if __name__ == "__main__":
    main()

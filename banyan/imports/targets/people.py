"""People and their posts, from an office's list: nobody gets an account or a right by surprise."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from banyan.imports.target import UNIT, WITHIN, Asked, Line, register_target
from banyan.imports.targets import headings
from banyan.imports.targets.listed import UNIT_CODE, Listed, Taking
from banyan.imports.targets.units import compared
from banyan.imports.told import CellTold
from banyan.kernel.headers import Column
from banyan.kernel.notes import note
from banyan.kernel.text import fold, nfc, same_tone
from banyan.people.finding import roles_to_give
from banyan.people.forms import FEWEST_DIGITS, PHONE
from banyan.people.many import (
    MANAGE,
    Appointment,
    Entry,
    Roll,
    enter_many,
    standing,
    stands,
    undo_enter_many,
)
from banyan.people.models import Account, Person, Post

NAME, ROLE, TITLE, TELEPHONE, EMAIL = "name", "role", "title", "phone", "email"
SINCE, UNTIL = "since", "until"
SHORT = 9  # digits of a number whose first 0 a sheet has dropped


def plain(name: str) -> str:
    """A name as two writings of it are one: case and blanks apart, accents kept."""
    return " ".join(same_tone(nfc(name)).casefold().split())


def masked(phone: str) -> str:
    """A number that stands here, so that one sees which without reading it."""
    return f"•••{phone[-3:]}" if phone else ""


@register_target
class People(Listed):
    """Persons, with what they are called on, and the posts they hold."""

    key = "people"
    title = gettext_lazy("People and posts")
    lead = gettext_lazy(
        "A list of people: each is registered at the unit, and gets the post where a role is said."
        " You can give only roles whose rights you hold yourself."
    )
    needs = MANAGE
    confidential = True
    required = frozenset({NAME})
    list_url: ClassVar[str] = "people"
    labels: ClassVar[Mapping[str, Any]] = {
        NAME: gettext_lazy("Full name"),
        UNIT: gettext_lazy("Unit"),
        UNIT_CODE: gettext_lazy("Code of the unit"),
        WITHIN: gettext_lazy("District or province"),
        ROLE: gettext_lazy("Role"),
        TITLE: gettext_lazy("Title of the post"),
        TELEPHONE: gettext_lazy("Telephone number"),
        EMAIL: gettext_lazy("E-mail address"),
        SINCE: gettext_lazy("From the day"),
        UNTIL: gettext_lazy("Last day"),
    }

    def __init__(self, asked: Asked) -> None:
        super().__init__(asked)
        said = asked.options
        self.standard = said.get("role", "")
        self.since = date.fromisoformat(said["on"]) if said.get("on") else None
        self.opens_accounts = said.get("accounts") == "yes"

    @classmethod
    def fields(cls, actor: Any, day: date) -> dict[str, Any]:
        """The role and first day where the file says none; whether addresses open accounts."""
        roles = [(role.key, str(role)) for role in roles_to_give(actor)]
        return {
            "role": forms.ChoiceField(
                label=_("Role"),
                required=False,
                choices=[("", _("As the file says; without one no post is given")), *roles],
                help_text=_("Only roles whose rights you hold yourself."),
            ),
            "on": forms.DateField(
                label=_("From the day"),
                required=False,
                widget=forms.DateInput,
                initial=day.isoformat(),
                help_text=_("The first day of posts for which the file says none."),
            ),
            "accounts": forms.BooleanField(
                label=_("Open an account for each e-mail address"),
                required=False,
                help_text=_(
                    "Nobody is written to: a one-time code is read out to each as by hand. Left"
                    " out, addresses only tell who is meant, and are not kept."
                ),
            ),
        }

    @classmethod
    def options_of(cls, cleaned: Mapping[str, Any]) -> dict[str, str]:
        """The role, the day as ISO, and whether accounts are opened."""
        on = cleaned.get("on")
        return {
            "role": cleaned.get("role") or "",
            "on": on.isoformat() if on else "",
            "accounts": "yes" if cleaned.get("accounts") else "",
        }

    @cached_property
    def roles(self) -> dict[str, Any]:
        """The roles that the importer may give by hand."""
        return {role.key: role for role in roles_to_give(self.asked.actor)}

    @cached_property
    def columns(self) -> Sequence[Column]:
        """Roles are those one may give, by their names in each language."""
        roles = {key: [str(r), *r.names.values(), key] for key, r in self.roles.items()}
        return (
            Column(NAME, headings.PERSONS, "title"),
            Column(UNIT, headings.UNITS, "unit"),
            Column(UNIT_CODE, headings.CODES, "text"),
            Column(WITHIN, headings.WITHIN, "text"),
            Column(ROLE, headings.ROLES, "choice", choices=roles),
            Column(TITLE, headings.POSTS, "text"),
            Column(TELEPHONE, headings.PHONES, "text"),
            Column(EMAIL, headings.EMAILS, "text"),
            Column(SINCE, headings.BEGINS, "date"),
            Column(UNTIL, headings.ENDS, "date"),
        )

    # --- reading ----------------------------------------------------------------------------------

    def line(self, row: Any, table: Any) -> Line:
        """One person, and one post of his."""
        way = Taking(self, row)
        name = " ".join(nfc(way.text(NAME)).split())
        if not name:
            way.out(NAME, "name_missing")
        unit = (
            self.asked.unit if UNIT not in row.cells and UNIT_CODE not in row.cells else way.unit()
        )
        email, phone = self._email(way), self._phone(way)
        role, title = self._role(way)
        since, until = self._days(way, bool(role))
        who = email or (f"{plain(name)}|{unit.pk}" if unit else "")
        values = {
            "who": who,
            "name": name,
            "unit": unit.pk if unit else None,
            "email": email,
            "phone": phone,
            "role": role,
            "title": title,
            "since": since.isoformat() if since else "",
            "until": until.isoformat() if until else "",
            "person": None,
            "was": "",
        }
        shown = {
            NAME: name,
            UNIT: unit.name_on(None) if unit else row.raw.get(UNIT, ""),
            ROLE: str(self.roles[role]) if role in self.roles else "",
            TITLE: title,
            TELEPHONE: phone,
            EMAIL: email,
            SINCE: since.strftime("%d/%m/%Y") if since and role else "",
            UNTIL: (until - timedelta(days=1)).strftime("%d/%m/%Y") if until else "",
        }
        outcome = "wrong" if way.is_out else "new"
        same = f"{who}|{unit.pk if unit else ''}|{role}"
        return Line(table.sheet, row.number, name, same, values, shown, way.told, outcome=outcome)  # type: ignore[arg-type]

    def _email(self, way: Taking) -> str:
        email = way.text(EMAIL).lower()
        if not email:
            return ""
        try:
            validate_email(email)
        except ValidationError:
            way.out(EMAIL, "email_unreadable", raw=email)
        if not self.opens_accounts:
            way.hint(EMAIL, "email_not_kept")
        return email

    @staticmethod
    def _phone(way: Taking) -> str:
        phone = " ".join(way.text(TELEPHONE).split())
        digits = sum(sign.isdigit() for sign in phone)
        if phone and (not PHONE.fullmatch(phone) or digits < FEWEST_DIGITS or len(phone) > 20):
            way.tell(TELEPHONE, [note("phone_unreadable", raw=phone)], how="wrong")
            return ""
        # A sheet that takes it for a number drops the first 0.
        return f"0{phone}" if phone.isdecimal() and digits == SHORT and phone[0] != "0" else phone

    def _role(self, way: Taking) -> tuple[str, str]:
        """The role, by its column, by a title that is a role's name, or the one for all."""
        title = way.text(TITLE)[:120]
        said = way.value(ROLE, needed=True)
        if said is None and title:
            names = {fold(n): key for key, r in self.roles.items() for n in r.names.values()}
            said = names.get(fold(title))
        return str(said or self.standard), title

    def _days(self, way: Taking, has_post: bool) -> tuple[date | None, date | None]:
        """The first day, and the day after the last."""
        since = way.value(SINCE, needed=True) or self.since
        last = way.value(UNTIL, needed=True)
        if not has_post:
            return None, None
        if since is None:
            way.out(SINCE, "role_without_day")
        elif last is not None and last < since:
            way.out(UNTIL, "post_ends_first")
        return since, last + timedelta(days=1) if last else None

    # --- what stands there ------------------------------------------------------------------------

    def settle(self, lines: list[Line]) -> None:
        """Who is registered already, by address or by name and unit; and which posts they hold."""
        todo = [line for line in lines if line.outcome != "wrong"]
        for line in todo:
            line.values["person"] = None
        self._find(todo)
        self._stand([line for line in todo if line.values["role"]])
        held = self._held({line.values["person"] for line in todo} - {None})
        for line in todo:
            if line.outcome != "wrong" and line.values["person"] is not None:
                self._compare(line, held)

    def _stand(self, lines: Sequence[Line]) -> None:
        """Units that do not stand in the tree on the days of a post."""
        spans = standing({line.values["unit"] for line in lines}, self.tree)
        for line in (one for one in lines if one.outcome != "wrong"):
            said = line.values
            until = date.fromisoformat(said["until"]) if said["until"] else None
            held = spans.get(said["unit"], [])
            if not stands(held, date.fromisoformat(said["since"]), until):
                self._out(line, SINCE, note("unit_stands_not", name=line.shown[UNIT]))

    def _find(self, lines: Sequence[Line]) -> None:
        mine = Person.objects.visible_to(self.asked.actor)
        emails = {line.values["email"] for line in lines} - {""}
        by_email = {
            one.account.email.lower(): one
            for one in mine.filter(account__email__in=emails).select_related("account")
        }
        taken = set(Account.objects.filter(email__in=emails).values_list("email", flat=True))
        named: dict[tuple[str, int], list[Person]] = defaultdict(list)
        folds = {fold(same_tone(line.values["name"])) for line in lines}
        units = {line.values["unit"] for line in lines}
        for one in mine.filter(folded__in=folds, home__in=units).select_related("account"):
            named[plain(one.name), one.home_id].append(one)
        for line in lines:
            values = line.values
            email = values["email"]
            alike = named[plain(values["name"]), values["unit"]]
            if email in by_email:
                person = by_email[email]
                if plain(person.name) != plain(values["name"]):
                    self._out(line, EMAIL, note("email_taken", raw=email))
                    continue
                self._meet(line, person)
            elif email in taken:
                self._out(line, EMAIL, note("email_taken", raw=email))
            else:
                self._by_name(line, [p for p in alike if not (email and p.account)])

    def _by_name(self, line: Line, alike: Sequence[Person]) -> None:
        if len(alike) > 1:
            told = note("person_several", n=str(len(alike)), name=line.shown[UNIT])
            self._out(line, NAME, told)
        elif alike:
            self._meet(line, alike[0])

    @staticmethod
    def _meet(line: Line, person: Person) -> None:
        line.values["person"], line.values["was"] = person.pk, person.phone

    def _out(self, line: Line, column: str, told: Any) -> None:
        line.outcome = "wrong"
        raw = line.shown.get(column, "")
        line.told.append(
            CellTold("", column, self.label(column), raw, "", "wrong", (told,), keeps_out=True)
        )

    def _held(self, people: set[int]) -> dict[tuple[int, int, str], list[Any]]:
        rows = Post.objects.filter(person__in=people, tree=self.tree)
        found: dict[tuple[int, int, str], list[Any]] = defaultdict(list)
        for person, unit, role, valid in rows.values_list("person", "unit", "role__key", "valid"):
            found[person, unit, role].append(valid)
        return found

    def _compare(self, line: Line, held: Mapping[tuple[int, int, str], Sequence[Any]]) -> None:
        """The same post held in that time: nothing new but perhaps the telephone number."""
        values = line.values
        spans = held.get((values["person"], values["unit"], values["role"]), ())
        if values["role"] and not any(self._overlap(values, span) for span in spans):
            told = note("person_known", name=line.shown[UNIT])
            line.told.append(
                CellTold("", NAME, self.label(NAME), line.title, line.title, "understood", (told,))
            )
            return
        line.thing, line.version = values["person"], compared(values["was"])
        line.outcome = "same"
        if values["phone"] and values["phone"] != values["was"]:
            line.outcome, line.before = "changed", {TELEPHONE: masked(values["was"])}

    @staticmethod
    def _overlap(values: Mapping[str, Any], span: Any) -> bool:
        since, until = date.fromisoformat(values["since"]), values["until"]
        begins_before = not until or span.lower is None or span.lower.isoformat() < until
        return begins_before and (span.upper is None or span.upper > since)

    def names(self, things: Sequence[int]) -> list[str]:
        """Nobody's name: a terminal keeps what it shows."""
        return []

    # --- carrying out -----------------------------------------------------------------------------

    def _roll(self, lines: Sequence[Line], people: Mapping[str, int]) -> Roll:
        """What lines bring, with `people` for who is registered already by the same list."""
        entries: dict[str, Entry] = {}
        posts = []
        for line in (one for one in lines if one.outcome == "new"):
            said, who = line.values, line.values["who"]
            if said["person"] is None and who not in people and who not in entries:
                email = said["email"] if self.opens_accounts else ""
                entries[who] = Entry(who, said["name"], said["unit"], email, said["phone"])
            if said["role"]:
                posts.append(
                    Appointment(
                        said["person"] or people.get(who) or who,
                        said["unit"],
                        said["role"],
                        date.fromisoformat(said["since"]),
                        date.fromisoformat(said["until"]) if said["until"] else None,
                        said["title"],
                    )
                )
        changed = [one for one in lines if one.outcome == "changed"]
        phones = {one.thing: one.values["phone"] for one in changed if one.thing}
        return Roll(list(entries.values()), posts, phones)

    def commit(self, lines: Sequence[Line], *, by: Any) -> list[int]:
        """Register, appoint and enter numbers by one operation."""
        made = enter_many(self.asked.unit, roll=self._roll(lines, {}), tree=self.tree, by=by)
        return [line.thing or line.values["person"] or made[line.values["who"]] for line in lines]

    def undo(self, lines: Sequence[Line], *, by: Any) -> dict[int, str]:
        """End what nobody has used: posts, then the people that came with the list."""
        new = [line for line in lines if line.outcome == "new"]
        there = {line.values["who"]: line.thing for line in new if line.thing}
        people = {line.thing for line in new if line.values["person"] is None and line.thing}
        was = {line.thing: line.values["was"] for line in lines if line.thing}
        roll = self._roll(lines, there)
        told: dict[str, Any] = {"roll": roll, "people": sorted(people), "was": was}
        left = undo_enter_many(self.asked.unit, by=by, **told)
        kept = {
            at: left.people[o.thing or 0] for at, o in enumerate(lines) if o.thing in left.people
        }
        places = [
            at for at, line in enumerate(lines) if line.outcome == "new" and line.values["role"]
        ]
        return kept | {places[at]: why for at, why in left.posts.items()}

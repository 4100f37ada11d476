"""Is every text there in every language, none left over, and does every slot of a report fit?"""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from banyan.packs.findings import Finding, nearest
from banyan.packs.reckon import UNCLASSIFIED
from banyan.packs.schema import Pack
from banyan.packs.slots import ASPECTS, REPORT_FACTS, parse, slots_in
from banyan.packs.texts import needed, optional


def texts(pack: Pack) -> Iterator[Finding]:
    """Everything wrong with the texts of a pack that compiles."""
    wanted = needed(pack)
    for language in pack.languages:
        if language not in pack.texts:
            what = _("There are no texts in “%(language)s”.") % {"language": language}
            yield Finding(
                f"text/{language}", (), what, _("Add the file, or take it out of `languages`.")
            )
            continue
        yield from _missing(pack, language, wanted)
    for language, said in pack.texts.items():
        if language not in pack.languages:
            what = _("“%(language)s” is not among the pack's languages.") % {"language": language}
            yield Finding(f"text/{language}", (), what, _("Add it to `languages` in pack.toml."))
        for key in said:
            if key not in wanted and not optional(key, set(wanted)):
                what = _("Nothing uses the text “%(key)s”.") % {"key": key}
                unsaid = [each for each in wanted if each not in said]
                instead = nearest(key, unsaid) if unsaid else _("Take it out.")
                yield Finding(f"text/{language}", tuple(key.split(".")), what, instead)
    yield from _slots(pack)


def _missing(pack: Pack, language: str, wanted: list[str]) -> Iterator[Finding]:
    said = pack.texts[language]
    everywhere = {key for each in pack.texts.values() for key in each if optional(key, set(wanted))}
    for key in [*wanted, *sorted(everywhere)]:
        if key not in said:
            other = next((each[key] for each in pack.texts.values() if key in each), "")
            what = _("The text “%(key)s” is missing.") % {"key": key}
            table, _dot, name = key.rpartition(".")
            words = {"name": name, "table": table, "other": other or "…"}
            instead = _('Under [%(table)s] write %(name)s = "%(other)s", translated.') % words
            yield Finding(f"text/{language}", tuple(key.split(".")), what, instead)


def _slots(pack: Pack) -> Iterator[Finding]:
    first = pack.texts.get(pack.languages[0], {})
    for language in pack.languages:
        for key, text in pack.texts.get(language, {}).items():
            if not key.startswith(("reports.", "situation.")):
                continue
            path = tuple(key.split("."))
            for slot in slots_in(text):
                if parse(slot, pack) is None:
                    what = _("The slot {%(slot)s} means nothing here.") % {"slot": slot}
                    yield Finding(
                        f"text/{language}", path, what, nearest(slot, possible(pack)), slot
                    )
            if sorted(slots_in(text)) != sorted(slots_in(first.get(key, text))):
                what = _("“%(key)s” has other slots than in %(language)s.")
                words = {"key": key, "language": pack.languages[0]}
                instead = _("Use these: %(slots)s.") % {
                    "slots": " ".join(f"{{{slot}}}" for slot in slots_in(first[key])) or "—"
                }
                yield Finding(f"text/{language}", path, what % words, instead)


def possible(pack: Pack) -> list[str]:
    """Every slot that means something in this pack."""
    found = list(REPORT_FACTS)
    for indicator in pack.indicators.values():
        found.append(indicator.id)
        found += [
            f"{indicator.id}.{each}" for each in ASPECTS if parse(f"{indicator.id}.{each}", pack)
        ]
        for axis in indicator.by:
            found += [
                f"{indicator.id}.{axis}.{part}" for part in (*pack.parts_of(axis), UNCLASSIFIED)
            ]
    return found

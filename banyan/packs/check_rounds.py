"""Do the forms' own lives and the rounds of a pack fit its forms, kinds of unit and settings?"""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from banyan.packs.findings import Finding, nearest
from banyan.packs.reading import Content

WORKFLOWS = "workflows/"


def lives_of(files: dict[str, Content]) -> dict[str, Content]:
    """The pack's workflow and those that single forms have of their own, by file."""
    named = {name: data for name, data in files.items() if name.startswith(WORKFLOWS)}
    return {"workflow": files["workflow"], **named}


def lives_and_rounds(files: dict[str, Content]) -> Iterator[Finding]:
    """Everything wrong with forms' own workflows and with the pack's rounds."""
    yield from _lives(files)
    forms = {data["id"]: data for name, data in files.items() if name.startswith("forms/")}
    pack = files["pack"]
    asked: set[str] = set()
    for place, one in enumerate(pack.get("rounds", [])):
        path = ("rounds", place)
        form = one["form"]
        if form not in forms:
            what = _("There is no form “%(form)s”.") % {"form": form}
            yield Finding("pack", (*path, "form"), what, nearest(form, forms), form)
        if form in asked:
            what = _("Two rounds ask for the form “%(form)s”.") % {"form": form}
            yield Finding("pack", (*path, "form"), what, _("Leave one of them out."), form)
        asked.add(form)
        yield from _kinds_and_days(path, one, pack)


def _kinds_and_days(path: tuple[str | int, ...], one: Content, pack: Content) -> Iterator[Finding]:
    for key in ("asks", "periods"):
        if not one[key]:
            what = _("The round “%(id)s” names nothing in `%(key)s`.") % {
                "id": one["id"],
                "key": key,
            }
            yield Finding("pack", (*path, key), what, _("Name at least one."))
    for key in ("asks", "receives"):
        for kind in one[key]:
            if kind not in pack["unit_kinds"]:
                what = _("The programme does not concern the kind “%(kind)s”.") % {"kind": kind}
                yield Finding("pack", (*path, key), what, nearest(kind, pack["unit_kinds"]), kind)
    settings = pack.get("settings", {})
    for key in ("remind_days", "due_days", "least", "most"):
        given = one.get(key, [])
        for name in given if isinstance(given, list) else [given]:
            if name not in settings:
                what = _("There is no setting “%(name)s”.") % {"name": name}
                yield Finding("pack", (*path, key), what, nearest(name, settings), name)
            elif not isinstance(settings[name]["value"], int) or settings[name]["value"] < 0:
                what = _("“%(name)s” is no whole number.") % {"name": name}
                yield Finding(
                    "pack", ("settings", name), what, _("Write a whole number, nought or more.")
                )


def _lives(files: dict[str, Content]) -> Iterator[Finding]:
    """Whether every form's workflow is there, every workflow used, and nothing asked twice."""
    known = [name.removeprefix(WORKFLOWS) for name in files if name.startswith(WORKFLOWS)]
    used = set()
    for file, form in files.items():
        named = form.get("workflow") if file.startswith("forms/") else None
        if named is None:
            continue
        used.add(named)
        if named not in known:
            what = _("There is no workflow “%(id)s”.") % {"id": named}
            instead = nearest(named, known) or _("Add workflows/%(id)s.toml.") % {"id": named}
            yield Finding(file, ("workflow",), what, instead, named)
        elif form["purpose"] == "initiative":
            what = _("Figures count records by the states of workflow.toml.")
            instead = _("Leave `workflow` out of a form whose purpose is initiative.")
            yield Finding(file, ("workflow",), what, instead, named)
    asked = {ask["id"] for ask in files["workflow"].get("asks", [])}
    for name in known:
        file = f"{WORKFLOWS}{name}"
        if name not in used:
            what = _("No form names the workflow “%(id)s”.") % {"id": name}
            yield Finding(file, (), what, _("Name it at a form, or take the file out."))
        for place, ask in enumerate(files[file].get("asks", [])):
            if ask["id"] in asked:
                what = _("“%(id)s” is asked elsewhere already.") % {"id": ask["id"]}
                yield Finding(
                    file, ("asks", place), what, _("Use that one, or another id."), ask["id"]
                )
            asked.add(ask["id"])

"""Catalogues of interface text: compile them, and prove that none lacks a translation.

`python -m banyan.site.texts check` extracts every marked text of code and templates (with Django's
own `templatize`, so no xgettext is needed) and compares with each app's catalogue.
`python -m banyan.site.texts compile` writes the .mo files.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.utils.translation.template import templatize

BANYAN = Path(__file__).resolve().parents[1]
LANGUAGES = ("vi",)  # English is the language of the message ids themselves
KEYWORDS = {
    **extract.DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "gettext_noop": None,
}
Message = tuple[str | None, str]


def _python(text: str) -> Iterator[Message]:
    for _line, found, _comments, context in extract.extract(
        "python", io.BytesIO(text.encode()), keywords=KEYWORDS
    ):
        yield context, found[0] if isinstance(found, tuple) else found


def messages_of(app: Path) -> dict[Message, str]:
    """Every marked text of an app, with the file it stands in."""
    found: dict[Message, str] = {}
    for path in sorted(app.rglob("*.py")):
        if "migrations" not in path.parts:
            found |= dict.fromkeys(_python(path.read_text()), str(path.relative_to(BANYAN)))
    for path in sorted([*app.rglob("*.html"), *app.rglob("templates/**/*.txt")]):
        code = templatize(path.read_text(), origin=str(path))
        found |= dict.fromkeys(_python(code), str(path.relative_to(BANYAN)))
    return {message: where for message, where in found.items() if message[1]}


def apps() -> list[Path]:
    """The apps' folders."""
    return sorted(path.parent for path in BANYAN.glob("*/__init__.py"))


def problems() -> list[str]:
    """Texts without a translation, and translations of texts that no longer exist."""
    said = []
    for app in apps():
        messages = messages_of(app)
        for language in LANGUAGES:
            path = app / "locale" / language / "LC_MESSAGES" / "django.po"
            catalog = read_po(path.open("rb")) if path.exists() else None
            kept = {}
            for entry in catalog or ():
                ident = entry.id[0] if isinstance(entry.id, tuple) else entry.id
                words = entry.string if isinstance(entry.string, tuple) else (entry.string,)
                if ident:
                    kept[(entry.context, ident)] = all(words) and not entry.fuzzy
            for message, where in messages.items():
                if not kept.get(message):
                    said.append(
                        f"{app.name} [{language}] {where}: no translation of {message[1]!r}"
                    )
            said += [
                f"{app.name} [{language}]: {message[1]!r} is no longer used"
                for message in kept
                if message not in messages
            ]
    return said


def compile_all() -> int:
    """Write every .mo beside its .po; the number written."""
    written = 0
    for path in BANYAN.glob("*/locale/*/LC_MESSAGES/django.po"):
        with path.open("rb") as source, path.with_suffix(".mo").open("wb") as target:
            write_mo(target, read_po(source))
        written += 1
    return written


def main(argv: list[str]) -> int:
    """`check` or `compile`; the exit code."""
    if not settings.configured:
        settings.configure()
    if argv == ["compile"]:
        compile_all()
        return 0
    if argv == ["check"]:
        said = problems()
        print("\n".join(said) or "Every text has its translation.")
        return 1 if said else 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Read a pack folder into content: plain JSON-able data, the same for every clone."""

import tomllib
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

Content = dict[str, Any]

# Where the packs of the product lie: beside the package, in the clone.
SHIPPED = Path(__file__).resolve().parents[2] / "packs"


def plain(value: Any) -> Any:
    """TOML values as JSON has them: days as ISO text, decimals as text (floats do not hash)."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return value


def read_toml(path: Path) -> Content:
    """One file as content. Raises tomllib.TOMLDecodeError, UnicodeDecodeError."""
    content = plain(tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal))
    assert isinstance(content, dict)
    return content


def files_of(folder: Path) -> dict[str, Path]:
    """The files a pack consists of, by their name inside the pack, in a fixed order."""
    single = ["pack", "criteria", "workflow", "indicators", "tests"]
    found = {name: folder / f"{name}.toml" for name in single if (folder / f"{name}.toml").exists()}
    for part in ("forms", "workflows", "reports", "text"):
        for path in sorted((folder / part).glob("*.toml")):
            found[f"{part}/{path.stem}"] = path
    return found


def read(folder: Path) -> Content:
    """The content of a whole pack: `{"pack": …, "forms": {…}, "text": {"vi": …}, …}`."""
    return assemble({name: read_toml(path) for name, path in files_of(folder).items()})


def assemble(files: dict[str, Content]) -> Content:
    """Files by name (`forms/register`) as one content, `{"forms": {"register": …}}`."""
    content: Content = {"forms": {}, "reports": {}, "text": {}}
    # A pack without lives of its own keeps the content, and the hash, that it always had.
    if any(name.startswith("workflows/") for name in files):
        content["workflows"] = {}
    for name, data in files.items():
        part, _slash, leaf = name.partition("/")
        if leaf:
            content[part][leaf] = data
        else:
            content[part] = data
    return content


def shipped() -> list[Path]:
    """The folders of all packs that come with the product."""
    return sorted(path.parent for path in SHIPPED.glob("*/pack.toml"))

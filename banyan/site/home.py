"""Where one installation keeps what is its own: database, files, logs, secrets.

`BANYAN_HOME` names the folder. Without it: `.banyan` inside the clone, and for root
`/var/lib/banyan/<short hash of the clone's path>`, because the database runs under a user of its
own, which could not enter a clone under `/root`. No Django here: settings read this module.
"""

import hashlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from banyan.kernel.errors import Refusal

Role = Literal["owner", "app"]

CLONE = Path(__file__).resolve().parents[2]
STATE = Path("/var/lib/banyan")
FOLDERS = ("run", "files", "log", "secret")
DATABASE = "banyan"
USERS: dict[Role, str] = {"owner": "banyan_owner", "app": "banyan_app"}
PORT = 5432

# sun_path holds 108 bytes; the server's lock file beside the socket is the longest name put there.
SOCKET_ROOM = 107 - len(f"/.s.PGSQL.{PORT}.lock")


def short_hash(path: Path) -> str:
    """Twelve hex digits that stand for a path in names that must stay short."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def is_root() -> bool:
    """Whether this process may do anything, and must therefore not run the database itself."""
    return os.geteuid() == 0


def root() -> Path:
    """The home folder; not created by asking."""
    if named := os.environ.get("BANYAN_HOME"):
        return Path(named).expanduser().absolute()
    return STATE / short_hash(CLONE) if is_root() else CLONE / ".banyan"


def make() -> Path:
    """Create the home and its folders where they are missing; only the owner may look inside."""
    home = root()
    # The database's own user passes through a home of root's making, and sees nothing in it.
    # One that is there already, or that another process makes in this instant, stays as it is.
    home.mkdir(parents=True, exist_ok=True, mode=0o711 if is_root() else 0o700)
    for name in FOLDERS:
        (home / name).mkdir(mode=0o700, exist_ok=True)
    return home


def folder(name: Literal["run", "files", "log", "secret"]) -> Path:
    """One of the home's folders, made when missing."""
    path = root() / name
    return path if path.is_dir() else make() / name


def files() -> Path:
    """Where stored documents lie, named by their hash."""
    return folder("files")


def secret(name: str) -> str:
    """A secret made once for this home, kept in a file that only its owner can read."""
    path = root() / "secret" / name
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return _keep_secret(folder("secret") / name)


def _keep_secret(path: Path) -> str:
    """Write a new secret completely or not at all; of two processes at once the first one wins."""
    handle, fresh = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as out:
        out.write(secrets.token_urlsafe(48))
        out.flush()
        os.fsync(out.fileno())
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(fresh)
    return path.read_text().strip()


def secret_key() -> str:
    """Django's SECRET_KEY."""
    return secret("django")


def is_external() -> bool:
    """Whether the database is somebody else's server, named by two addresses.

    Raises Refusal when only one of the two is set: half of an answer is a mistake, not a choice.
    """
    app, owner = (os.environ.get(name) for name in ("DATABASE_URL", "DATABASE_OWNER_URL"))
    if bool(app) != bool(owner):
        missing = "DATABASE_OWNER_URL" if app else "DATABASE_URL"
        raise Refusal(
            f"{missing} is not set.",
            "A database of your own needs two addresses: DATABASE_URL for the role that works and"
            " DATABASE_OWNER_URL for the role that owns the tables.",
            "Set both, or neither to use the database that comes with Banyan.",
        )
    return bool(app)


def role_in_use() -> Role:
    """The role this process connects as: `app`, unless BANYAN_ROLE=owner (migrations only)."""
    return "owner" if os.environ.get("BANYAN_ROLE") == "owner" else "app"


def database_url(role: Role | None = None) -> str:
    """The database's address for a role; without one, for the role this process works as."""
    role = role or role_in_use()
    if is_external():
        return os.environ["DATABASE_OWNER_URL" if role == "owner" else "DATABASE_URL"]
    host = quote(str(socket_folder()), safe="")
    return f"postgresql://{USERS[role]}:{secret(USERS[role])}@/{DATABASE}?host={host}&port={PORT}"


def cluster_folder() -> Path:
    """Where the embedded database lives: `pg` in the home, or what `pg` there points to."""
    return Path(os.path.realpath(root() / "pg"))


def socket_folder() -> Path:
    """The folder of the database's socket: beside the data, or a short one where that is too long.

    A socket's path may hold 107 bytes; a home may lie deeper than that.
    """
    beside = cluster_folder() / "run"
    if len(os.fsencode(beside)) <= SOCKET_ROOM:
        return beside
    return Path("/tmp") / f"banyan-{os.geteuid()}-{short_hash(cluster_folder())}"

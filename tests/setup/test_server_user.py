"""The system user that runs the database where root starts Banyan."""

import pwd
import time
from types import SimpleNamespace

from banyan.site import home, server_user
from tests.threads import together


def test_of_two_started_at_once_on_a_bare_machine_one_makes_the_user(monkeypatch, tmp_path):
    """A second `useradd` in the same instant gives the user another number under the first one's feet."""
    made = []

    def known(name: str) -> SimpleNamespace:
        if not made:
            raise KeyError(name)
        return SimpleNamespace(pw_uid=made[-1], pw_gid=made[-1])

    def create() -> None:
        number = 999 - len(made)
        time.sleep(0.2)
        made.append(number)

    monkeypatch.setattr(home, "is_root", lambda: True)
    monkeypatch.setattr(home, "STATE", tmp_path / "state")
    monkeypatch.setattr(pwd, "getpwnam", known)
    monkeypatch.setattr(server_user, "_create", create)
    assert together([server_user.ids.__wrapped__] * 2) == [(999, 999)] * 2
    assert made == [999]

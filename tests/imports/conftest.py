"""The district of the register in tests/fixtures is the world of imports too."""

from tests.initiatives.conftest import book, kim_son  # noqa: F401

"""Tries are counted across requests: each test begins with none."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _no_tries_counted():
    cache.clear()

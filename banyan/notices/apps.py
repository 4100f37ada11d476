"""The notices app."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """See the package's docstring."""

    name = "banyan.notices"
    label = "notices"

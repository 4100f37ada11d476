"""The desk app."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """See the package's docstring."""

    name = "banyan.desk"
    label = "desk"

"""The figures app."""

from django.apps import AppConfig


class FiguresConfig(AppConfig):
    """See the package's docstring."""

    name = "banyan.figures"
    label = "figures"

"""The reorganisations app."""

from django.apps import AppConfig


class ReorganisationsConfig(AppConfig):
    """See the package's docstring."""

    name = "banyan.reorganisations"
    label = "reorganisations"

"""The initiatives app."""

from django.apps import AppConfig


class InitiativesConfig(AppConfig):
    """See the package's docstring."""

    name = "banyan.initiatives"
    label = "initiatives"

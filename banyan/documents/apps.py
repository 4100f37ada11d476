"""The documents app."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """See the package's docstring."""

    name = "banyan.documents"
    label = "documents"

"""The submissions app."""

from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    """See the package's docstring."""

    name = "banyan.submissions"
    label = "submissions"

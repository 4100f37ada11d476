"""The imports app."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """The wizard; what can be imported registers itself as a target."""

    name = "banyan.imports"
    label = "imports"

"""The imports app."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    """The wizard; what can be imported registers itself as a target."""

    name = "banyan.imports"
    label = "imports"

    def ready(self) -> None:
        """Make the targets of units and people known; models exist only now."""
        from banyan.imports.targets import codes, people, units  # noqa: F401, PLC0415

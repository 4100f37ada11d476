"""The figures app."""

from django.apps import AppConfig


class FiguresConfig(AppConfig):
    """See the package's docstring."""

    name = "banyan.figures"
    label = "figures"

    def ready(self) -> None:
        """Make the folder known to the worker; models exist only now."""
        from banyan.figures import jobs  # noqa: F401, PLC0415

"""The notices app."""

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """See the package's docstring."""

    name = "banyan.notices"
    label = "notices"

    def ready(self) -> None:
        """Register the reader: the worker runs those that were imported."""
        # Readers import models, which exist only now; nobody below may import notices.
        from banyan.notices import readers  # noqa: F401, PLC0415

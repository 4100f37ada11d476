"""The analytics app."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """See the package's docstring."""

    name = "banyan.analytics"
    label = "analytics"

    def ready(self) -> None:
        """Let the worker look at alerts; models exist only now."""
        from banyan.analytics import watching  # noqa: F401, PLC0415

"""The submissions app."""

from django.apps import AppConfig


class SubmissionsConfig(AppConfig):
    """See the package's docstring."""

    name = "banyan.submissions"
    label = "submissions"

    def ready(self) -> None:
        """Make answers known to the import; models exist only now."""
        from banyan.submissions import answers_target  # noqa: F401, PLC0415

"""The initiatives app."""

from django.apps import AppConfig


class InitiativesConfig(AppConfig):
    """Models and exemplars; they are the records of figures."""

    name = "banyan.initiatives"
    label = "initiatives"

    def ready(self) -> None:
        """Make the register known to figures, its work to the worker; models exist only now."""
        from banyan.initiatives import importing, jobs, source  # noqa: F401, PLC0415

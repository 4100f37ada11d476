"""The ledger app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class LedgerConfig(AppConfig):
    """Events, seals, receipts, readers."""

    name = "banyan.ledger"
    label = "ledger"

    def ready(self) -> None:
        """Register every app's readers: the worker runs those that were imported."""
        autodiscover_modules("readers")

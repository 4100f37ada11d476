"""The ledger app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Events, seals, receipts, readers."""

    name = "banyan.ledger"
    label = "ledger"

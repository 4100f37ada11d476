"""The packs app."""

from django.apps import AppConfig


class PacksConfig(AppConfig):
    """Programmes as data: their format, their check, their frozen editions."""

    name = "banyan.packs"
    label = "packs"

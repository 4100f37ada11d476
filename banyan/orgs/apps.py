"""The orgs app."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class OrgsConfig(AppConfig):
    """Units, names, codes, placements, ancestry, succession, groups."""

    name = "banyan.orgs"
    label = "orgs"

    def ready(self) -> None:
        """Find what follows units when they end, in whichever app it lives."""
        autodiscover_modules("following")

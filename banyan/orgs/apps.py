"""The orgs app."""

from django.apps import AppConfig


class OrgsConfig(AppConfig):
    """Units, names, codes, placements, ancestry, succession, groups."""

    name = "banyan.orgs"
    label = "orgs"

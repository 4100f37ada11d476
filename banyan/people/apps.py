"""The people app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Accounts, persons, memberships, roles, posts."""

    name = "banyan.people"
    label = "people"

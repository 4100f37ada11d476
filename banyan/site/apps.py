"""The site app: settings, urls, home, commands; may compose any two features."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """Where everything comes together."""

    name = "banyan.site"
    label = "site"

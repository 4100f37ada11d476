"""The web app: lists, forms, parts and the API; knows no feature."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Templates, static files and the glue over them."""

    name = "banyan.web"
    label = "web"

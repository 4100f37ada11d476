"""Addresses of initiatives."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

"""Addresses of the situation."""

from django.urls import path

from banyan.analytics import views

urlpatterns = [
    path("situation/", views.show, name="situation"),
    path("situation/pinned", views.pinned, name="pinned"),
    path("situation/word", views.word, name="situation_word"),
]

"""Addresses of the situation."""

from django.urls import path

from banyan.analytics import alert_views, views

urlpatterns = [
    path("situation/", views.show, name="situation"),
    path("situation/pinned", views.pinned, name="pinned"),
    path("alerts/", alert_views.alerts, name="alerts"),
    path("alerts/new/<slug:kind>", alert_views.make, name="alert_new"),
    path("alerts/<int:pk>/<slug:what>", alert_views.change, name="alert_change"),
    path("situation/word", views.word, name="situation_word"),
]

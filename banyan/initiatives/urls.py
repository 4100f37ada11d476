"""Addresses of the register."""

from django.urls import path

from banyan.initiatives import import_views, views
from banyan.initiatives.lists import InitiativeList

urlpatterns = [
    path("initiatives/", InitiativeList.view(), name="initiatives"),
    path("initiatives/new", views.register, name="initiative_new"),
    path("initiatives/draft", views.draft, name="initiative_draft"),
    path("initiatives/import", import_views.send, name="import"),
    path("initiatives/import/<int:pk>", import_views.preview, name="import_preview"),
    path("initiatives/<int:pk>", views.show, name="initiative"),
    path("initiatives/<int:pk>/amend", views.amend, name="initiative_amend"),
    path("initiatives/<int:pk>/<slug:move>", views.move, name="initiative_move"),
]

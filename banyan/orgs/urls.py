"""Addresses of orgs."""

from django.urls import path

from banyan.orgs import views
from banyan.orgs.lists import UnitList

urlpatterns = [
    path("units/", UnitList.view(), name="units"),
    path("units/<int:pk>", views.show, name="unit"),
    path("units/<int:pk>/found", views.found, name="unit_found"),
    path("units/<int:pk>/rename", views.rename, name="unit_rename"),
    path("units/<int:pk>/move", views.move, name="unit_move"),
]

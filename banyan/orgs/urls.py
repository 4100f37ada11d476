"""Addresses of orgs."""

from django.urls import path

from banyan.orgs import browser, groups, views
from banyan.orgs.lists import UnitList

urlpatterns = [
    path("units/", UnitList.view(), name="units"),
    path("units/tree", browser.tree, name="unit_tree"),
    path("groups/", groups.GroupList.view(), name="groups"),
    path("groups/new", groups.new, name="group_new"),
    path("groups/<int:pk>", groups.show, name="group"),
    path("units/<int:pk>", views.show, name="unit"),
]

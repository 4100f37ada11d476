"""Addresses of decisions on units."""

from django.urls import path

from banyan.reorganisations import handover_views, views
from banyan.reorganisations.lists import ReorganisationList

STEPS = ("amend", "look", "apply", "undo", "close", "drop")
ONE = "reorganisations/<int:pk>"

urlpatterns = [
    path("reorganisations/", ReorganisationList.view(), name="reorganisations"),
    path("reorganisations/new", views.new, name="reorganisation_new"),
    path("reorganisations/reform", views.reform, name="reorganisation_reform"),
    path(ONE, views.show, name="reorganisation"),
    path(f"{ONE}/handover", handover_views.packages, name="handovers"),
    path(f"{ONE}/handover/<int:unit>", handover_views.package, name="handover"),
    path(f"{ONE}/take-out", views.take_out, name="reorganisation_take_out"),
    path(f"{ONE}/workbook", views.workbook, name="reorganisation_workbook"),
    path(f"{ONE}/template", views.template, name="reorganisation_template"),
    *(path(f"{ONE}/{step}", getattr(views, step), name=f"reorganisation_{step}") for step in STEPS),
    *(
        path(f"{ONE}/add/{verb}", view, name=f"reorganisation_add_{verb}")
        for verb, view in views.ADDING.items()
    ),
]

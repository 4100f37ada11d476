"""Addresses of rounds."""

from django.urls import path

from banyan.submissions import views
from banyan.submissions.lists import RoundList

urlpatterns = [
    path("rounds/", RoundList.view(), name="rounds"),
    path("rounds/new", views.open_round, name="round_open"),
    path("rounds/<int:pk>", views.show, name="round"),
]

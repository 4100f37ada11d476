"""Addresses of rounds and of placing."""

from django.urls import path

from banyan.submissions import placing_views, views
from banyan.submissions.lists import RoundList
from banyan.submissions.placing_list import PlacingList

urlpatterns = [
    path("rounds/", RoundList.view(), name="rounds"),
    path("rounds/new", views.open_round, name="round_open"),
    path("rounds/<int:pk>", views.show, name="round"),
    path("placing/", PlacingList.view(), name="placing"),
    path("placing/place", placing_views.place, name="placing_place"),
    path("placing/take-back", placing_views.take_back, name="placing_take_back"),
]

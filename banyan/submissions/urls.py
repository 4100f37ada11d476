"""Addresses of rounds, of what single units are asked, and of placing."""

from django.urls import path

from banyan.submissions import answer_views, placing_views, signals_views, views
from banyan.submissions.lists import RoundList
from banyan.submissions.placing_list import PlacingList
from banyan.submissions.rounds_lists import ExpectationList

urlpatterns = [
    path("rounds/", RoundList.view(), name="rounds"),
    path("rounds/new", views.open_round, name="round_open"),
    path("rounds/<int:pk>", views.show, name="round"),
    path("rounds/<int:pk>/due", views.due, name="round_due"),
    path("rounds/<int:pk>/close", views.close, name="round_close"),
    path("rounds/<int:pk>/reopen", views.reopen, name="round_reopen"),
    path("rounds/<int:pk>/newcomers", views.ask_newcomers, name="round_newcomers"),
    path("rounds/asked/", ExpectationList.view(), name="expectations"),
    path("rounds/asked/<int:pk>", answer_views.show, name="expectation"),
    path("rounds/asked/<int:pk>/answer", answer_views.answer, name="expectation_answer"),
    path("rounds/asked/<int:pk>/draft", answer_views.draft, name="expectation_draft"),
    path("rounds/asked/<int:pk>/later", answer_views.extension, name="expectation_extension"),
    path("rounds/asked/<int:pk>/<slug:move>", answer_views.judge, name="expectation_move"),
    path("rounds/later/<int:pk>", views.decide, name="extension_decide"),
    path("signals/<int:pk>/<int:other>", signals_views.side_by_side, name="side_by_side"),
    path("placing/", PlacingList.view(), name="placing"),
    path("placing/place", placing_views.place, name="placing_place"),
    path("placing/take-back", placing_views.take_back, name="placing_take_back"),
]

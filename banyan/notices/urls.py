"""Addresses of notices."""

from django.urls import path

from banyan.notices import views

urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read", views.read_all, name="inbox_read"),
    path("inbox/<int:pk>/open", views.open_notice, name="inbox_open"),
]

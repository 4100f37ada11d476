"""Addresses of figures."""

from django.urls import path

from banyan.figures import live, views
from banyan.figures.explore.views import explore

urlpatterns = [
    path("figures/", views.show, name="figures"),
    path("figures/explore", explore, name="explore"),
    path("live", live.follow, name="live"),
    path("f/<slug:programme>/<str:period>/<str:place>/<str:key>", views.figure, name="figure"),
]

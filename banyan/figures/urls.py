"""Addresses of figures."""

from django.urls import path

from banyan.figures import views
from banyan.figures.explore.views import explore

urlpatterns = [
    path("figures/", views.show, name="figures"),
    path("figures/explore", explore, name="explore"),
    path("f/<slug:programme>/<str:period>/<str:place>/<str:key>", views.figure, name="figure"),
]

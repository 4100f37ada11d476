"""Addresses of figures."""

from django.urls import path

from banyan.figures import views

urlpatterns = [
    path("figures/", views.show, name="figures"),
    path("f/<slug:programme>/<str:period>/<str:place>/<str:key>", views.figure, name="figure"),
]

"""Addresses of packs."""

from django.urls import path

from banyan.packs import views

urlpatterns = [
    path("programmes/", views.programmes, name="programmes"),
    path("programmes/<slug:key>", views.programme, name="programme"),
    path("programmes/<slug:key>/forms/<slug:form>", views.form, name="programme_form"),
]

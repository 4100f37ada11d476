"""Addresses of the import."""

from django.urls import path

from banyan.imports import views

urlpatterns = [
    path("imports/", views.all_imports, name="imports"),
    path("imports/new/<slug:target>", views.send, name="import_new"),
    path("imports/template/<slug:target>", views.template, name="import_template"),
    path("imports/<int:pk>", views.show, name="import_show"),
    path("imports/<int:pk>/marked", views.marked, name="import_marked"),
    path("imports/<int:pk>/columns", views.columns, name="import_columns"),
    path("imports/<int:pk>/values", views.values, name="import_values"),
    path("imports/<int:pk>/confirm", views.confirm, name="import_confirm"),
    path("imports/<int:pk>/take-back", views.take_back, name="import_take_back"),
    path("imports/<int:pk>/leave", views.leave, name="import_leave"),
]

"""Addresses of the start."""

from django.urls import path

from banyan.site.setup import views

urlpatterns = [
    path("example/", views.try_example, name="try_example"),
    path("example/enter", views.enter_example, name="example_enter"),
    path("begin/", views.first_step, name="begin"),
    path("begin/unit", views.choose_unit, name="begin_unit"),
    path("begin/file", views.send_tree, name="begin_file"),
    path("begin/tree", views.check_tree, name="begin_tree"),
    path("begin/officer", views.first_officer, name="begin_officer"),
]

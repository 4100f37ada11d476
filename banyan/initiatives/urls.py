"""Addresses of the register."""

from django.urls import path

from banyan.initiatives import bulk_views, public_views, views
from banyan.initiatives.lists import InitiativeList

urlpatterns = [
    path("initiatives/", InitiativeList.view(), name="initiatives"),
    path("initiatives/new", views.register, name="initiative_new"),
    path("initiatives/quick", views.quick_register, name="initiative_quick"),
    path("initiatives/draft", views.draft, name="initiative_draft"),
    path("initiatives/bulk", bulk_views.ask, name="bulk"),
    path("initiatives/bulk/", bulk_views.all_jobs, name="bulk_jobs"),
    path("initiatives/bulk/<int:pk>", bulk_views.show, name="bulk_job"),
    path("initiatives/bulk/<int:pk>/stop", bulk_views.stop, name="bulk_stop"),
    path("initiatives/bulk/<int:pk>/undo", bulk_views.take_back, name="bulk_undo"),
    path("initiatives/<int:pk>", views.show, name="initiative"),
    path("initiatives/<int:pk>/amend", views.amend, name="initiative_amend"),
    path("initiatives/<int:pk>/remark", views.remark, name="initiative_remark"),
    path("initiatives/<int:pk>/own-points", views.own_points, name="initiative_own_points"),
    path("initiatives/<int:pk>/continue", views.continue_in, name="initiative_continue"),
    path("initiatives/<int:pk>/activity", views.show_activity, name="initiative_activity"),
    path("initiatives/<int:pk>/publish", public_views.publish, name="initiative_publish"),
    path("initiatives/<int:pk>/unpublish", public_views.unpublish, name="initiative_unpublish"),
    path("p/", public_views.listing, name="public_models"),
    path("p/<str:code>", public_views.model, name="public_model"),
    path("p/<str:code>/<int:place>", public_views.photo, name="public_photo"),
    path("initiatives/<int:pk>/draft", views.amend_draft, name="initiative_amend_draft"),
    path("initiatives/<int:pk>/<slug:move>", views.move, name="initiative_move"),
]

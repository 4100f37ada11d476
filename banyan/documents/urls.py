"""Addresses of documents."""

from django.urls import path

from banyan.documents import upload_views, views
from banyan.documents.lists import DocumentList

urlpatterns = [
    path("documents/", DocumentList.view(), name="documents"),
    path("documents/new", views.keep, name="document_keep"),
    path("documents/<int:pk>", views.fetch, name="document"),
    path("photos/<int:pk>", views.photo, name="photo"),
    path("photos/<int:pk>/thumb", views.thumb, name="photo_thumb"),
    path("uploads/", upload_views.begin, name="uploads"),
    path("uploads/<uuid:pk>", upload_views.piece, name="upload"),
]

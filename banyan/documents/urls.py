"""Addresses of documents."""

from django.urls import path

from banyan.documents import views
from banyan.documents.lists import DocumentList

urlpatterns = [
    path("documents/", DocumentList.view(), name="documents"),
    path("documents/new", views.keep, name="document_keep"),
    path("documents/<int:pk>", views.fetch, name="document"),
]

"""Addresses of the frame itself: the offline worker, the manifest, the queue."""

from django.urls import path

from banyan.web import offline, sync

urlpatterns = [
    path("sw.js", offline.worker, name="worker"),
    path("manifest.webmanifest", offline.manifest, name="manifest"),
    path("waiting", offline.waiting, name="waiting"),
    path("sync", sync.sync, name="sync"),
]

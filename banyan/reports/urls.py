"""Addresses of reports."""

from django.urls import path

from banyan.reports import views
from banyan.reports.lists import ReportList

urlpatterns = [
    path("reports/", ReportList.view(), name="reports"),
    path("reports/new", views.make, name="report_new"),
    path("reports/<int:pk>", views.show, name="report"),
]

"""Addresses of notices."""

from django.urls import path

from banyan.notices import activity_views, doors, views

urlpatterns = [
    path("units/<int:pk>/activity", activity_views.unit_activity, name="unit_activity"),
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/read", views.read_all, name="inbox_read"),
    path("inbox/choices", views.choices, name="inbox_choices"),
    path("inbox/calendar", views.calendar_open, name="calendar_open"),
    path("inbox/calendar/shut", views.calendar_shut, name="calendar_shut"),
    path("calendar/<str:secret>.ics", doors.calendar, name="calendar"),
    path("mail/off/<str:token>", doors.mail_off, name="mail_off"),
    path("inbox/<int:pk>/open", views.open_notice, name="inbox_open"),
    path("inbox/<int:pk>/mark", views.mark, name="inbox_mark"),
]

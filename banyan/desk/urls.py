"""Addresses of the desk."""

from django.urls import path

from banyan.desk import views

urlpatterns = [
    path("desk/", views.home, name="desk"),
    path("desk/together", views.together, name="desk_together"),
    path("desk/recognise", views.recognise, name="desk_recognise"),
    path("desk/<int:pk>", views.show, name="desk_record"),
    path("desk/<int:pk>/draft", views.draft, name="desk_draft"),
    path("desk/<int:pk>/remark", views.remark, name="desk_remark"),
    path("desk/<int:pk>/undo", views.undo, name="desk_undo"),
    path("desk/<int:pk>/do/<slug:move>", views.decide, name="desk_decide"),
]

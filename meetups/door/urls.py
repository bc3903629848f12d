from django.urls import URLPattern, URLResolver, path

from meetups.door import views

DOOR = "gastvrouw/<int:pk>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("gastvrouw/", views.hosting, name="hosting"),
    path(DOOR, views.door, name="door"),
    path(DOOR + "aanwezig/<int:attendance_id>/", views.presence, name="presence"),
    path(DOOR + "welkom/<int:attendance_id>/", views.greeted, name="greeted"),
    path(DOOR + "inloop/", views.walk_ins, name="walk_ins"),
    path(DOOR + "erbij/", views.add_at_door, name="add_at_door"),
    path(DOOR + "eraf/<int:attendance_id>/", views.remove_at_door, name="remove_at_door"),
    path(DOOR + "nagekomen/", views.late, name="late_taps"),
    path(DOOR + "afsluiten/", views.close_occurrence, name="close_occurrence"),
    path(DOOR + "heropenen/", views.reopen_occurrence, name="reopen_occurrence"),
]

from django.urls import URLPattern, URLResolver, path

from meetups.views import hosting

DOOR = "gastvrouw/<int:pk>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("gastvrouw/", hosting.hosting, name="hosting"),
    path(DOOR, hosting.door, name="door"),
    path(DOOR + "aanwezig/<int:attendance_id>/", hosting.presence, name="presence"),
    path(DOOR + "welkom/<int:attendance_id>/", hosting.greeted, name="greeted"),
    path(DOOR + "inloop/", hosting.walk_ins, name="walk_ins"),
    path(DOOR + "erbij/", hosting.add_at_door, name="add_at_door"),
    path(DOOR + "eraf/<int:attendance_id>/", hosting.remove_at_door, name="remove_at_door"),
    path(DOOR + "nagekomen/", hosting.late, name="late_taps"),
    path(DOOR + "afsluiten/", hosting.close_occurrence, name="close_occurrence"),
    path(DOOR + "heropenen/", hosting.reopen_occurrence, name="reopen_occurrence"),
]

from django.urls import URLPattern, URLResolver, path

from meetups import converters  # noqa: F401  (knows <date:...>)
from meetups.views import holidays, managing

MEETUP = "beheer/bijeenkomsten/<slug:slug>/"
DATE = MEETUP + "<date:on>/"
TOWN = "beheer/gemeenten/<slug:slug>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("beheer/", managing.manage, name="manage"),
    # No meetup has one of these two words as its address (meetups.actions.planning).
    path("beheer/bijeenkomsten/nieuw/", managing.meetup_new, name="meetup_new"),
    path("beheer/bijeenkomsten/voorbeeld/", managing.meetup_preview, name="meetup_preview"),
    path(MEETUP, managing.meetup_edit, name="meetup_edit"),
    path(MEETUP + "stoppen/", managing.meetup_end, name="meetup_end"),
    path(MEETUP + "hervatten/", managing.meetup_resume, name="meetup_resume"),
    path(DATE, managing.occurrence_edit, name="occurrence_edit"),
    path(DATE + "afzeggen/", managing.occurrence_cancel, name="occurrence_cancel"),
    path(DATE + "toch-door/", managing.occurrence_restore, name="occurrence_restore"),
    path(DATE + "zo-laten/", managing.occurrence_keep, name="occurrence_keep"),
    path(TOWN + "feestdagen/", holidays.town_holidays, name="town_holidays"),
]

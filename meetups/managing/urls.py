from django.urls import URLPattern, URLResolver, path

from meetups import converters  # noqa: F401  (registers <date:...>)
from meetups.managing.views import dates, holidays, meetups, portraits, welcomes

MEETUP = "beheer/bijeenkomsten/<slug:slug>/"
DATE = MEETUP + "<date:on>/"
TOWN = "beheer/gemeenten/<slug:slug>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("beheer/", meetups.manage, name="manage"),
    # These two slugs are reserved (meetups.managing.slugs).
    path("beheer/bijeenkomsten/nieuw/", meetups.meetup_new, name="meetup_new"),
    path("beheer/bijeenkomsten/voorbeeld/", meetups.meetup_preview, name="meetup_preview"),
    path(MEETUP, meetups.meetup_edit, name="meetup_edit"),
    path(MEETUP + "welkom/", welcomes.welcome, name="meetup_welcome"),
    path(MEETUP + "stoppen/", meetups.meetup_end, name="meetup_end"),
    path(MEETUP + "hervatten/", meetups.meetup_resume, name="meetup_resume"),
    path(MEETUP + "portret/<int:pk>/", portraits.host_portrait, name="host_portrait"),
    path(MEETUP + "portret/<int:pk>/weg/", portraits.host_portrait_remove, name="host_portrait_remove"),
    path(DATE, dates.occurrence_edit, name="occurrence_edit"),
    path(DATE + "afzeggen/", dates.occurrence_cancel, name="occurrence_cancel"),
    path(DATE + "toch-door/", dates.occurrence_restore, name="occurrence_restore"),
    path(DATE + "zo-laten/", dates.occurrence_keep, name="occurrence_keep"),
    path(TOWN + "feestdagen/", holidays.town_holidays, name="town_holidays"),
]

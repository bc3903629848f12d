from django.urls import URLPattern, URLResolver, path

from meetups import (
    converters,  # noqa: F401  knows <date:...>
    feeds,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("agenda.ics", feeds.agenda_feed, name="agenda_feed"),
    path("gemeenten/<slug:slug>/agenda.ics", feeds.municipality_feed, name="municipality_feed"),
    path("locaties/<slug:slug>/agenda.ics", feeds.location_feed, name="location_feed"),
    path("bijeenkomsten/<slug:slug>/agenda.ics", feeds.meetup_feed, name="meetup_feed"),
    path("bijeenkomsten/<slug:slug>/<date:on>/datum.ics", feeds.occurrence_ics, name="occurrence_ics"),
    path("mijn/kalender/", feeds.my_calendar, name="my_calendar"),
    path("mijn/<slug:token>/agenda.ics", feeds.personal_feed, name="personal_feed"),
]

from django.urls import URLPattern, URLResolver, path

from meetups import converters  # noqa: F401  (registers <date:...>)
from meetups.calendars import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("agenda.ics", views.agenda_feed, name="agenda_feed"),
    path("gemeenten/<slug:slug>/agenda.ics", views.municipality_feed, name="municipality_feed"),
    path("locaties/<slug:slug>/agenda.ics", views.location_feed, name="location_feed"),
    path("bijeenkomsten/<slug:slug>/agenda.ics", views.meetup_feed, name="meetup_feed"),
    path("bijeenkomsten/<slug:slug>/<date:on>/datum.ics", views.occurrence_ics, name="occurrence_ics"),
    path("mijn/kalender/", views.my_calendar, name="my_calendar"),
    path("mijn/<slug:token>/agenda.ics", views.personal_feed, name="personal_feed"),
]

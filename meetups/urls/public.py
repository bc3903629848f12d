from django.urls import URLPattern, URLResolver, path

from meetups import converters  # noqa: F401  (knows <date:...>)
from meetups.views import agenda, attending, meetups

DATE = "bijeenkomsten/<slug:slug>/<date:on>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("agenda/", agenda.agenda, name="agenda"),
    path("bijeenkomsten/<slug:slug>/", meetups.meetup, name="meetup"),
    path(DATE, meetups.occurrence, name="occurrence"),
    path(DATE + "aanmelden/", attending.join, name="join"),
    path(DATE + "afmelden/", attending.withdraw, name="withdraw"),
    path("bevestigen/<str:token>/", attending.guest_confirm, name="guest_confirm"),
    path("afmelden/<str:token>/", attending.guest_withdraw, name="guest_withdraw"),
]

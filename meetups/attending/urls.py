from django.urls import URLPattern, URLResolver, path

from meetups import converters  # noqa: F401  (registers <date:...>)
from meetups.attending.views import pages, pictures, sign_ups

DATE = "bijeenkomsten/<slug:slug>/<date:on>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("bijeenkomsten/<slug:slug>/", pages.meetup, name="meetup"),
    path("bijeenkomsten/<slug:slug>/beeld.png", pictures.meetup_picture, name="meetup_picture"),
    path(DATE, pages.occurrence, name="occurrence"),
    path(DATE + "beeld.png", pictures.occurrence_picture, name="occurrence_picture"),
    path(DATE + "aanmelden/", sign_ups.join, name="join"),
    path(DATE + "afmelden/", sign_ups.withdraw, name="withdraw"),
    path("bevestigen/<str:token>/", sign_ups.guest_confirm, name="guest_confirm"),
    path("afmelden/<str:token>/", sign_ups.guest_withdraw, name="guest_withdraw"),
]

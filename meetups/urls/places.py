from django.urls import URLPattern, URLResolver, path

from meetups.views import places, posters

urlpatterns: list[URLPattern | URLResolver] = [
    path("locaties/", places.locations, name="locations"),
    path("locaties/<slug:slug>/", places.location, name="location"),
    path("locaties/<slug:slug>/poster/", posters.location_poster, name="location_poster"),
    path("gemeenten/", places.municipalities, name="municipalities"),
    path("gemeenten/<slug:slug>/", places.municipality, name="municipality"),
    path("bijeenkomsten/<slug:slug>/poster/", posters.meetup_poster, name="meetup_poster"),
]

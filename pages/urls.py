"""The URLs of the pages that show data of several apps."""

from django.urls import URLPattern, URLResolver, path

from pages.views import about, devices, home, map, my, pictures, place_photo, places, posters, theme, towns

TOWN = "beheer/gemeenten/<slug:slug>/"
PLACE = "beheer/locaties/<slug:slug>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("kaart/", map.map_frame, name="map"),
    path("locaties/", places.locations, name="locations"),
    path("locaties/<slug:slug>/", places.location, name="location"),
    path("locaties/<slug:slug>/beeld.png", pictures.location_picture, name="location_picture"),
    path("locaties/<slug:slug>/poster/", posters.location_poster, name="location_poster"),
    path("gemeenten/", towns.municipalities, name="municipalities"),
    path("gemeenten/<slug:slug>/", towns.municipality, name="municipality"),
    path("gemeenten/<slug:slug>/beeld.png", pictures.municipality_picture, name="municipality_picture"),
    path("bijeenkomsten/<slug:slug>/poster/", posters.meetup_poster, name="meetup_poster"),
    path("mijn/", my.my, name="my"),
    path("mijn/gegevens/", my.my_data, name="my_data"),
    path("mijn/gegevens/pedbasis.json", my.my_export, name="my_export"),
    path("mijn/gegevens/wissen/", my.my_erase, name="my_erase"),
    path("mijn/apparaten/afmelden/", devices.sign_out_other_devices, name="sign_out_other_devices"),
    path("mijn/apparaten/<int:pk>/afmelden/", devices.sign_out_device, name="sign_out_device"),
    path("mijn/oude-adres/<str:token>/", devices.undo_address_change, name="undo_address_change"),
    path("privacy/", about.privacy, name="privacy"),
    path("zonder-internet/", about.offline, name="offline"),
    path("toegankelijkheid/", about.accessibility, name="accessibility"),
    path(PLACE + "foto/", place_photo.location_photo, name="location_photo"),
    path(PLACE + "foto/weg/", place_photo.location_photo_remove, name="location_photo_remove"),
    path(TOWN + "huisstijl/", theme.theme, name="theme"),
    path(TOWN + "huisstijl/terug/", theme.theme_undo, name="theme_undo"),
]

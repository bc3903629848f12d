"""What the field for a place asks while someone types: the same in every language, so without a language prefix."""

from django.urls import URLPattern, URLResolver, path

from locations import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("zoeken/plaatsen.json", views.place_suggestions, name="place_suggestions"),
]

"""The stylesheets and logo of a town: the same in every language, so without a language prefix."""

from django.urls import URLPattern, URLResolver, path, register_converter

from locations.theme import views


class ColourConverter:
    """A colour in a URL: six digits or letters from a to f."""

    regex = "[0-9a-f]{6}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ColourConverter, "colour")

urlpatterns: list[URLPattern | URLResolver] = [
    path("huisstijl/<colour:digits>.css", views.town_colours, name="town_colours"),
    path("huisstijl/<colour:digits>/voorbeeld.css", views.colour_sample, name="colour_sample"),
    path("gemeenten/<slug:slug>/logo.png", views.town_logo, name="town_logo"),
]

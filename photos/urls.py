"""The files of photos: the same in every language, so without a language prefix."""

from django.urls import URLPattern, URLResolver, path, register_converter
from django.urls.converters import IntConverter

from photos import views


class TokenConverter:
    """The token of a photo."""

    regex = "[0-9a-f]{32}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class WidthConverter(IntConverter):
    """A width as we write it: one file has one address, so that a proxy keeps it once."""

    regex = "[1-9][0-9]{0,4}"


register_converter(TokenConverter, "photo_token")
register_converter(WidthConverter, "photo_width")

urlpatterns: list[URLPattern | URLResolver] = [
    path("fotos/<photo_token:code>-<photo_width:width>.webp", views.photo, name="photo"),
]

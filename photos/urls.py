"""The files of photos: the same in every language, so without a language prefix."""

from django.urls import URLPattern, URLResolver, path, register_converter

from photos import views


class TokenConverter:
    """The token of a photo."""

    regex = "[0-9a-f]{32}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(TokenConverter, "photo_token")

urlpatterns: list[URLPattern | URLResolver] = [
    path("fotos/<photo_token:code>-<int:width>.webp", views.photo, name="photo"),
]

"""Receiving the file of a photo: the only upload that may be large, and only for who may give that photo."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from io import BytesIO
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from photos.models import MAX_BYTES

FIELD = "photo"
MAX_REQUEST_BYTES = 200 * 1024 * 1024  # a larger request is refused before it is read: no phone makes such a photo


class PhotoFile(FileUploadHandler):
    """Keeps one file, in the field of the photo, and none that is too large: of those only the size is known.

    The rest of the form is read all the same, so that a page can say what is wrong with everything typed still there.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.has_photo = False

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:
        if content_length > MAX_REQUEST_BYTES:
            raise RequestDataTooBig("A request with a photo may be 200 MB.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.kept = BytesIO()
        self.is_kept = self.field_name == FIELD and not self.has_photo
        self.has_photo = self.has_photo or self.is_kept

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > MAX_BYTES:
            self.is_kept = False
            self.kept = BytesIO()
        if self.is_kept:
            self.kept.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.kept.seek(0)
        return InMemoryUploadedFile(
            self.kept, self.field_name, self.file_name or "", self.content_type or "", file_size, self.charset
        )


def accepts_photo(load: Callable[..., Any]) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Let a view receive a photo, after `load` found what it is for.

    `load(request, **names in the address)` returns what the view gets as its second argument, or raises Http404: then
    not a byte of the photo is read. The CSRF middleware would read the form before that, with the handler for small
    files, so it is exempt here and checked right after.
    """

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        protected = csrf_protect(view)

        @csrf_exempt
        @wraps(view)
        def wrapped(request: HttpRequest, **names: Any) -> HttpResponse:
            found = load(request, **names)
            request.upload_handlers = [PhotoFile(request)]
            return protected(request, found)

        return wrapped

    return decorate

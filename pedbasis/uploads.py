"""How files are received: in memory, and no more of them than the one small file that a page may ask for, a logo."""

from io import BytesIO
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

KEPT = 64 * 1024  # bytes of a file; the size of a larger one is still told, so that a form can say that it is too large
LARGEST_REQUEST = 8 * 1024 * 1024  # a photo straight from a phone; more is refused before it is read


class SmallFiles(FileUploadHandler):
    """Keeps the beginning of each file in memory, so that a large one fills up neither memory nor disk."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:
        """Raise RequestDataTooBig for a request that is far too large to hold a logo."""
        if content_length > LARGEST_REQUEST:
            raise RequestDataTooBig("A request with files may be 8 MB.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.kept = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.kept.write(raw_data[: max(0, KEPT - start)])

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.kept.seek(0)
        return InMemoryUploadedFile(
            self.kept, self.field_name, self.file_name or "", self.content_type or "", file_size, self.charset
        )

"""The upload handler: keeps small files in memory, such as the logo of a town. Photos: `photos.uploads`."""

from io import BytesIO
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

MAX_KEPT_BYTES = 64 * 1024  # per file; the true size is still reported, so a form can refuse a larger one
MAX_REQUEST_BYTES = 8 * 1024 * 1024  # the size of a phone photo; more is refused before it is read


class SmallFiles(FileUploadHandler):
    """Keeps only the beginning of each file, in memory, so a large file fills neither memory nor disk."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:
        """Raise RequestDataTooBig for a request that is far too large for a logo."""
        if content_length > MAX_REQUEST_BYTES:
            raise RequestDataTooBig("A request with files may be 8 MB.")

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.kept = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.kept.write(raw_data[: max(0, MAX_KEPT_BYTES - start)])

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.kept.seek(0)
        return InMemoryUploadedFile(
            self.kept, self.field_name, self.file_name or "", self.content_type or "", file_size, self.charset
        )

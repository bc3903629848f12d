"""Pedbasis takes no files, so whoever sends one is told so before it is read: no disk fills up."""

from typing import Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class NoFiles(FileUploadHandler):
    def new_file(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise RequestDataTooBig("No page takes a file.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Nothing comes this far."""

    def file_complete(self, file_size: int) -> None:
        """Nothing comes this far."""

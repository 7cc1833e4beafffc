"""Keeps requests from sending more than an import may have, before any of it is read."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

from wonward.records.importing.table import LARGEST

_AROUND = 1 << 20
"""Bytes that may stand around a file in its request."""


class UploadLimit(FileUploadHandler):
    """Stands first among the upload handlers and takes no file itself."""

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: Any = None
    ) -> None:
        """Refuse a request by the length it tells of; no more than that is read of it."""
        if content_length > LARGEST + _AROUND:
            raise RequestDataTooBig(f"A file may have {LARGEST >> 20} MB; split it and import the parts")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass a block on to the next one."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next one."""

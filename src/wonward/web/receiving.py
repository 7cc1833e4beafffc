"""Receives uploaded files: only where a route declares them, from people who have signed in, up to a size.

Django reads a form before its view is called, and any address could be sent gigabytes. So every file of every
request passes here, chunk by chunk, into a temporary file; what isn't wanted is never written.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import SkipFile, StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest

from wonward.errors import Invalid

View = TypeVar("View", bound=Callable[..., Any])
Limit = Callable[[], int]

PATIENCE = 4
"""How many times the limit a request may hold and still be read to its end, so that its sender gets an answer."""


def receives(limit: Limit) -> Callable[[View], View]:
    """Let a route be sent files of at most `limit()` bytes."""

    def declare(view: View) -> View:
        vars(view)["receives"] = limit
        return view

    return declare


def received(request: HttpRequest, field: str, too_large: Callable[[str], Invalid]) -> "UploadedFile[Any]":
    """Return the file that a form sent in a field; raise Invalid without one, and `too_large(name)`."""
    file = request.FILES.get(field)
    if isinstance(file, UploadedFile):
        return file
    for each in request.upload_handlers:
        if isinstance(each, Receiving) and each.too_large:
            raise too_large(each.too_large)
    raise Invalid("Choose a file first", code="FILE_REQUIRED")


class Receiving(TemporaryFileUploadHandler):
    """Writes a file that is wanted to a temporary one and stops at the limit; `too_large` then has its name."""

    too_large = ""
    limit = 0
    far_too_long = False

    def handle_raw_input(self, *given: Any, **_: Any) -> None:
        """Look whether the route wants files, and how long the request is."""
        content_length: int = given[2]
        self.limit = self._limit()
        self.far_too_long = content_length > self.limit * PATIENCE

    def new_file(self, *given: Any, **named: Any) -> None:
        """Begin a file, if files are wanted."""
        if not self.limit:
            raise SkipFile
        if self.far_too_long:
            self.too_large = "The file"
            raise StopUpload(connection_reset=True)
        super().new_file(*given, **named)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a part of the file that begins at `start`."""
        if start + len(raw_data) > self.limit:
            self.too_large = self.file_name or "The file"
            raise SkipFile
        super().receive_data_chunk(raw_data, start)

    def _limit(self) -> int:
        request = self.request
        if request is None or request.resolver_match is None or not request.user.is_authenticated:
            return 0
        limit: Limit | None = vars(request.resolver_match.func).get("receives")
        return limit() if limit else 0

"""One upload, held in memory and measured while it arrives; nothing of it touches the disk."""

from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from rest_framework.parsers import DataAndFiles, MultiPartParser

from ml.decode import MAX_BYTES
from ml.errors import BadInput

# What multipart adds around one file and a few short fields.
_OVERHEAD = 64 * 1024


class BoundedMultiPartParser(MultiPartParser):
    """multipart/form-data with one small file; refuses a larger one as early as it can tell."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> "DataAndFiles[Any, Any]":
        """Read the body.

        Raises
        ------
        BadInput
            `too-large`: by the announced length, else at the first byte over the limit.
        """
        request = (parser_context or {})["request"]._request
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
        chunked = "tamis.chunked" in request.META  # then no length was announced
        if announced > MAX_BYTES + _OVERHEAD and not chunked:
            raise _too_large()
        request.upload_handlers = [_BoundedMemory(request)]
        return super().parse(stream, media_type, parser_context)


class _BoundedMemory(FileUploadHandler):
    """Collects all files of one request in memory, up to the limit of one."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self.received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.buffer = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > MAX_BYTES:
            raise _too_large()
        self.buffer.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.buffer.seek(0)
        return InMemoryUploadedFile(
            self.buffer, self.field_name, "file", self.content_type, file_size, self.charset
        )


def _too_large() -> BadInput:
    return BadInput("too-large", f"the file is over {MAX_BYTES} bytes")

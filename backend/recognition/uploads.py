"""One upload, held in memory and measured while it arrives; nothing of it touches the disk."""

import json
from collections.abc import Mapping
from io import BytesIO
from typing import IO, Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, DataAndFiles, MultiPartParser

from ml import decode, sound
from ml.errors import BadInput
from ml.task import TASKS, Modality

MAX_BYTES: Mapping[Modality, int] = {
    Modality.IMAGE: decode.MAX_BYTES,
    Modality.AUDIO: sound.MAX_BYTES,
}
# What multipart adds around one file and a few short fields.
_OVERHEAD = 64 * 1024


def limit_of(task: str | None) -> int:
    """Bytes of one file: of a known task its own; else the most there is, as decoding looks too."""
    known = TASKS.get(task or "")
    return MAX_BYTES[known.modality] if known else max(MAX_BYTES.values())


class BoundedMultiPartParser(MultiPartParser):
    """multipart/form-data with one small file; refuses a larger one as early as it can tell.

    The task is the address's. Where a form names it, the file may come before its name: then the
    largest file of any task passes here, and `media.clean` refuses what is too large for its own.
    """

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
        context = parser_context or {}
        request = context["request"]._request
        limit = limit_of(context.get("kwargs", {}).get("task"))
        if announced(request) > limit + _OVERHEAD:
            raise _too_large(limit)
        request.upload_handlers = [_BoundedMemory(request, limit)]
        return super().parse(stream, media_type, parser_context)


class _BoundedMemory(FileUploadHandler):
    """Collects all files of one request in memory, up to the limit of one."""

    def __init__(self, request: Any, limit: int) -> None:
        super().__init__(request)
        self.limit = limit
        self.received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.buffer = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > self.limit:
            raise _too_large(self.limit)
        self.buffer.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.buffer.seek(0)
        return InMemoryUploadedFile(
            self.buffer, self.field_name, "file", self.content_type, file_size, self.charset
        )


class BoundedJSONParser(BaseParser):
    """application/json with one file in it, as base64: four characters for three bytes.

    No JSONParser of the framework: to those it gives bodies of 2.5 MB at most.
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Read the body.

        Raises
        ------
        BadInput
            `too-large`: by the announced length, else at the first byte over the limit.
        ParseError
            If it is no JSON.
        """
        context = parser_context or {}
        most = limit_of(context.get("kwargs", {}).get("task"))
        limit = most * 4 // 3 + _OVERHEAD
        if announced(context["request"]._request) > limit:
            raise _too_large(most)
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise _too_large(most)
        try:
            return json.loads(body)
        except (ValueError, RecursionError) as error:
            raise ParseError("Not JSON.") from error


def announced(request: HttpRequest) -> int:
    """The length that a request says it has; 0 where it says none."""
    chunked = "tamis.chunked" in request.META
    return 0 if chunked else int(request.META.get("CONTENT_LENGTH") or 0)


def _too_large(limit: int) -> BadInput:
    return BadInput("too-large", f"the file is over {limit} bytes")

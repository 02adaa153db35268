"""A body over the limit is refused while it arrives, with and without a length."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client

from backend.config.wsgi import application
from backend.recognition.models import ModelVersion
from ml.decode import MAX_BYTES

URL = "/api/tasks/waste/recognise/"
HEAD = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
TAIL = b"\r\n--x--\r\n"


class Body:
    """A form with a file of zeros, made as it is read."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.taken = self.taken_before_the_answer = 0
        self._parts = self._bytes()
        self._rest = b""

    def _bytes(self) -> Iterator[bytes]:
        yield HEAD
        for _ in range(self.size // 65536):
            yield bytes(65536)
        yield TAIL

    def read(self, wanted: int = -1) -> bytes:
        while len(self._rest) < wanted and (part := next(self._parts, b"")):
            self._rest += part
        piece, self._rest = self._rest[:wanted], self._rest[wanted:]
        self.taken += len(piece)
        return piece

    readline = read


def post(body: Body, **environ: Any) -> tuple[int, bytes]:
    """Call the WSGI application as a server does."""
    status: list[str] = []
    answer = application(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": URL,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": "multipart/form-data; boundary=x",
            "wsgi.input": body,
            "wsgi.url_scheme": "http",
            "wsgi.errors": None,
            **environ,
        },
        lambda line, headers, error=None: status.append(line),
    )
    text = b"".join(answer)
    body.taken_before_the_answer = body.taken
    answer.close()  # type: ignore[attr-defined]
    return int(status[0].split()[0]), text


@pytest.fixture(autouse=True)
def _open_connection() -> Iterator[None]:
    """Keep the test's transaction open across a request, as Django's own client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_100_mb_are_refused_by_their_length_before_they_are_read(db: None) -> None:
    body = Body(100_000_000)
    status, answer = post(body, CONTENT_LENGTH=str(100_000_000))
    assert (status, b"/problems/too-large" in answer) == (413, True)
    assert body.taken_before_the_answer == 0


def test_100_mb_without_a_length_are_refused_at_the_limit(db: None) -> None:
    body = Body(100_000_000)
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    status, answer = post(body, **chunked)
    assert (status, b"/problems/too-large" in answer) == (413, True)
    assert body.taken_before_the_answer <= MAX_BYTES + 1_000_000


def test_a_length_that_lies_changes_nothing(db: None) -> None:
    body = Body(100_000_000)
    status, _ = post(body, CONTENT_LENGTH=str(MAX_BYTES + 1000))
    assert status == 413
    assert body.taken_before_the_answer <= MAX_BYTES + 1_000_000


def test_a_refused_sender_is_heard_out_for_a_moment(db: None) -> None:
    """Otherwise its broken pipe hides the answer."""
    body = Body(30_000_000)
    assert post(body, CONTENT_LENGTH=str(30_000_000))[0] == 413
    assert body.taken > 29_900_000


def test_a_small_chunked_file_is_read(champion: ModelVersion) -> None:
    chunked = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}
    status, answer = post(Body(65536), **chunked)
    assert (status, b"/problems/unsupported-image" in answer) == (415, True)


def test_long_fields_are_refused_too(client: Client, db: None) -> None:
    response = client.post(URL, {"department": "3" * 5_000_000})
    assert (response.status_code, response.json()["type"]) == (413, "/problems/too-large")

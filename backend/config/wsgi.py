"""gunicorn entry: `gunicorn backend.config.wsgi`."""

import os
from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import IO, Any

from django.core.wsgi import get_wsgi_application
from django.http.response import HttpResponseBase
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings")

_django = get_wsgi_application()
# Imports the views now, so that no visitor waits for them.
get_resolver().url_patterns  # noqa: B018

# Django reads nothing of a chunked body, for want of a length. The server marks the end of such
# a body, so a length it cannot reach lets the upload's own limit decide.
_MORE_THAN_ANY_UPLOAD = str(2**31)
_LISTEN_S = 2.0
_LISTEN_BYTES = 200_000_000
_CHUNK = 64 * 1024


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django's application, with chunked bodies readable and refusals heard."""
    chunked = environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
    if chunked and environ.get("wsgi.input_terminated"):
        environ["CONTENT_LENGTH"] = _MORE_THAN_ANY_UPLOAD
        environ["tamis.chunked"] = True
    response = _django(environ, start_response)
    if isinstance(response, HttpResponseBase) and response.status_code >= 400:
        return _Refusal(response, environ["wsgi.input"])
    return response


class _Refusal:
    """A refusal, after which the sender is listened to for a moment.

    Many clients read the answer only once they have sent everything: a connection closed before
    that is a broken pipe to them, and no status.
    """

    def __init__(self, response: HttpResponseBase, body: IO[bytes]) -> None:
        self.response = response
        self.body = body

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.response)

    def close(self) -> None:
        """Throw away what still arrives; the server calls this after it sent the answer."""
        self.response.close()
        end, heard = monotonic() + _LISTEN_S, 0
        try:
            while monotonic() < end and heard < _LISTEN_BYTES and (part := self.body.read(_CHUNK)):
                heard += len(part)
        except OSError:
            return  # the sender has hung up

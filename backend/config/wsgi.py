"""gunicorn entry: `gunicorn backend.config.wsgi`."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings")

_django = get_wsgi_application()

# Django reads nothing of a chunked body, for want of a length. The server marks the end of such
# a body, so a length it cannot reach lets the upload's own limit decide.
_MORE_THAN_ANY_UPLOAD = str(2**31)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django's application, with chunked bodies readable."""
    chunked = environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
    if chunked and environ.get("wsgi.input_terminated"):
        environ["CONTENT_LENGTH"] = _MORE_THAN_ANY_UPLOAD
        environ["tamis.chunked"] = True
    return _django(environ, start_response)

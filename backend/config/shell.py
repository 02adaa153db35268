"""How the files of the built PWA travel: /, /sw.js, /assets/*, /litert/*."""

from wsgiref.headers import Headers

# The browser asks again each time: these say which of the others are today's.
_ENTRY_POINTS = ("/", "/index.html", "/sw.js", "/manifest.webmanifest")


def add_headers(headers: Headers, path: str, url: str) -> None:
    """Let an update of the app reach the phone at its next visit."""
    if url in _ENTRY_POINTS:
        headers["Cache-Control"] = "no-cache"

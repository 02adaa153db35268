"""Problem classes and the one place that knows which error is which HTTP status."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions

from backend.accounts.models import User
from backend.accounts.services import (
    ConsentRequired,
    EmailTaken,
    NoWayBack,
    StoreFirst,
    TooManyTries,
    WrongLogin,
)
from backend.recognition.captures import (
    IdTaken,
    LabelRefused,
    NoSpace,
    NoSuchCapture,
    QuotaSpent,
)
from backend.recognition.champions import Busy, NoModel
from backend.recognition.services import UnknownTask
from backend.waste.services import UnknownDepartment, UnknownTerritory
from ml.errors import BadBundle, BadInput

CONTENT_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Problem:
    """One documented kind of failure."""

    slug: str
    status: int
    title: str
    explanation: str


_ALL = (
    Problem("malformed", 400, "Malformed request", "A field is missing, unknown or wrong."),
    Problem("forbidden", 403, "Forbidden", "This is not yours to see or change."),
    Problem("no-session", 403, "No session", "This belongs to a person: POST /api/session/."),
    Problem("wrong-login", 403, "Wrong login", "Nobody has this address and this password."),
    Problem("consent-required", 403, "Consent required", "The person has not said yes to this."),
    Problem("unknown-task", 404, "Unknown task", "No recogniser has this name."),
    Problem("unknown-department", 404, "Unknown department", "No department has this code."),
    Problem("unknown-territory", 404, "Unknown territory", "The department has no such place."),
    Problem("not-found", 404, "Not found", "Nothing lives at this address."),
    Problem("method-not-allowed", 405, "Method not allowed", "This address has other verbs."),
    Problem("no-way-back", 409, "No way back", "Without a login this person would be lost."),
    Problem("email-taken", 409, "Email taken", "Another account logs in with this address."),
    Problem("store-first", 409, "Keeping comes first", "What is not kept teaches nothing."),
    Problem("id-taken", 409, "Id taken", "Another capture bears this id."),
    Problem("too-large", 413, "Too large", "It is over the limits: bytes, pixels or seconds."),
    Problem("unsupported-image", 415, "Unsupported image", "Not an image this server reads."),
    Problem("unsupported-sound", 415, "Unsupported sound", "Not a sound this server reads."),
    Problem("unsupported-body", 415, "Unsupported body", "Send what the contract asks for."),
    Problem("undecodable-image", 422, "Undecodable image", "The image is empty or damaged."),
    Problem("undecodable-sound", 422, "Undecodable sound", "The sound is empty or damaged."),
    Problem("too-short-sound", 422, "Too short", "One second of sound is the least."),
    Problem("silent-sound", 422, "Silence", "Nothing is heard in it."),
    Problem("clipped-sound", 422, "Overdriven", "The microphone was too near or too loud."),
    Problem("no-music", 422, "No music", "No music is heard in it, so it has no genre."),
    Problem("no-speech", 422, "No voice", "No voice is heard in it, so it has no emotion."),
    Problem("throttled", 429, "Too many requests", "Wait as long as Retry-After says."),
    Problem("server-error", 500, "Server error", "The fault is ours, and it was noted."),
    Problem("busy", 503, "Busy", "Every engine is at work: wait as long as Retry-After says."),
    Problem("no-model", 503, "No model", "No model that can be opened serves this task."),
    Problem("not-ready", 503, "Not ready", "A part this server needs does not answer."),
    Problem("no-space", 507, "No space", "The server's disk is full: send it again later."),
)
PROBLEMS: Mapping[str, Problem] = {problem.slug: problem for problem in _ALL}

_SLUGS: Mapping[type[Exception], str] = {
    Http404: "not-found",
    PermissionDenied: "forbidden",
    RequestDataTooBig: "too-large",
    SuspiciousOperation: "malformed",
    ConsentRequired: "consent-required",
    StoreFirst: "store-first",
    WrongLogin: "wrong-login",
    TooManyTries: "throttled",
    NoWayBack: "no-way-back",
    EmailTaken: "email-taken",
    User.DoesNotExist: "no-session",  # erased while this was under way
    LabelRefused: "malformed",
    NoSuchCapture: "not-found",
    IdTaken: "id-taken",
    QuotaSpent: "throttled",
    NoSpace: "no-space",
    UnknownTask: "unknown-task",
    UnknownDepartment: "unknown-department",
    UnknownTerritory: "unknown-territory",
    Busy: "busy",
    NoModel: "no-model",
    BadBundle: "no-model",
    exceptions.ParseError: "malformed",
    exceptions.ValidationError: "malformed",
    exceptions.NotFound: "not-found",
    exceptions.NotAuthenticated: "no-session",
    exceptions.PermissionDenied: "forbidden",
    exceptions.MethodNotAllowed: "method-not-allowed",
    exceptions.UnsupportedMediaType: "unsupported-body",
    exceptions.Throttled: "throttled",
}


def problem_response(error: Exception, context: Mapping[str, Any]) -> JsonResponse | None:
    """Turn what a view raised into its problem; what has no name here stays a 500."""
    slug = _slug(error)
    if slug is None:
        return None
    detail, extra = getattr(error, "detail", ""), {}
    if isinstance(error, (NoModel, BadBundle)):
        _log.error("%s", error)  # for those who run the server; the sender can do nothing about it
        detail = ""
    if isinstance(error, exceptions.ValidationError):
        extra["errors"] = [
            {"pointer": pointer, "detail": text} for pointer, text in _faults(error.detail)
        ]
        detail = ""
    response = problem_page(context["request"], slug, detail=str(detail), **extra)
    if isinstance(error, (exceptions.Throttled, QuotaSpent, TooManyTries, Busy)):
        response.headers["Retry-After"] = str(ceil(getattr(error, "wait", None) or 1))
    return response


def problem_page(
    request: HttpRequest, slug: str, *, detail: str = "", **extra: Any
) -> JsonResponse:
    """Answer with one problem of the list."""
    problem = PROBLEMS[slug]
    body = {
        "type": f"/problems/{slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": detail or problem.explanation,
        "instance": request.path,
        **extra,
    }
    return JsonResponse(body, status=problem.status, content_type=CONTENT_TYPE)


def bad_request(request: HttpRequest, exception: Exception) -> JsonResponse:
    return problem_page(request, _slug(exception) or "malformed")


def forbidden(request: HttpRequest, exception: Exception) -> JsonResponse:
    return problem_page(request, "forbidden")


def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    return problem_page(request, "not-found")


def server_error(request: HttpRequest) -> JsonResponse:
    return problem_page(request, "server-error")


def csrf_failure(request: HttpRequest, reason: str = "") -> JsonResponse:
    return problem_page(request, "forbidden", detail=reason)


def problems(request: HttpRequest, slug: str = "") -> JsonResponse:
    """The page a problem's `type` points to; without a slug, all of them."""
    if slug and slug not in PROBLEMS:
        return not_found(request)
    listed = [PROBLEMS[slug]] if slug else list(PROBLEMS.values())
    pages = [
        {
            "type": f"/problems/{problem.slug}",
            "status": problem.status,
            "title": problem.title,
            "explanation": problem.explanation,
        }
        for problem in listed
    ]
    return JsonResponse(pages[0] if slug else pages, safe=False)


def _slug(error: Exception) -> str | None:
    if isinstance(error, BadInput):
        return error.slug
    return next((_SLUGS[kind] for kind in type(error).__mro__ if kind in _SLUGS), None)


def _faults(detail: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Walk a serializer's errors: a JSON pointer and a sentence for each."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from _faults(
                inner, pointer if name == "non_field_errors" else f"{pointer}/{name}"
            )
    elif isinstance(detail, list):
        for inner in detail:
            yield from _faults(inner, pointer)
    else:
        yield pointer, str(detail)

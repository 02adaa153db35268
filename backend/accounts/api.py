"""session/, me/, me/login/, me/consents/, me/export/: who somebody is, and what they allow."""

from typing import Any, cast

from django.conf import settings
from django.contrib.auth import login, logout, update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.middleware.csrf import CsrfViewMiddleware, get_token
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView

from .export import export_person
from .models import Consent, User
from .services import (
    TEXT_VERSION,
    NoWayBack,
    attach_login,
    change_settings,
    erase_person,
    give_consent,
    join,
    log_in,
    withdraw_consent,
)

_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


class PersonView(APIView):
    """A view of what belongs to the person of the session.

    Without a session it answers `no-session`; a write without X-CSRFToken is `forbidden`.
    Nobody else's cache keeps what it says, unless the view itself allows it.
    """

    authentication_classes = (SessionAuthentication,)
    permission_classes = (IsAuthenticated,)

    @property
    def person(self) -> User:
        """Whose session this is."""
        return cast(User, self.request.user)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers.setdefault("Cache-Control", "private, no-store")
        return final


class JoinThrottle(AnonRateThrottle):
    """Per address: nobody becomes a crowd."""

    scope = "join"


class LoginThrottle(JoinThrottle):
    """The same count, whoever is known already: a login attached may send a mail."""

    def get_cache_key(self, request: Request, view: APIView) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class ConsentOut(serializers.ModelSerializer[Consent]):
    at = serializers.DateTimeField(source="created_at")

    class Meta:
        model = Consent
        fields = ("purpose", "granted", "text_version", "at")
        read_only_fields = fields


class ConsentsOut(serializers.Serializer[Any]):
    """The last word on each purpose; null where nothing was ever said."""

    store = ConsentOut(allow_null=True)
    train = ConsentOut(allow_null=True)


class PersonOut(serializers.ModelSerializer[User]):
    """`mail` tells whether this server can send one: to verify an address, to reset a password."""

    consents = ConsentsOut(source="last_words")
    mail = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ("pseudonym", "email", "locale", "department", "consents", "mail")
        read_only_fields = fields

    def get_mail(self, user: User) -> bool:
        return bool(settings.EMAIL_HOST)


class SessionIn(serializers.Serializer[Any]):
    """Nothing starts as a pseudonym; both together log in."""

    email = serializers.EmailField(required=False, max_length=254)
    password = serializers.CharField(required=False, max_length=128, trim_whitespace=False)

    def validate(self, given: dict[str, str]) -> dict[str, str]:
        if len(given) == 1:
            raise serializers.ValidationError("An email goes with a password.")
        return given


class LoginIn(serializers.Serializer[Any]):
    """To change a login that is there, `current_password` says that it is one's own."""

    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=128, trim_whitespace=False)
    current_password = serializers.CharField(required=False, max_length=128, trim_whitespace=False)


class SettingsIn(serializers.Serializer[Any]):
    locale = serializers.ChoiceField(User.Locale.choices, required=False)
    department = serializers.CharField(required=False, allow_null=True, max_length=64)


class ConsentIn(serializers.Serializer[Any]):
    granted = serializers.BooleanField()
    text_version = serializers.RegexField(
        r"^\d{4}-\d{2}$", default=TEXT_VERSION, help_text="Which text the person has read."
    )


class SessionView(PersonView):
    """Who comes without a session leaves with one."""

    throttle_classes = (JoinThrottle,)

    def get_permissions(self) -> list[BasePermission]:
        return [] if self.request.method == "POST" else [IsAuthenticated()]

    @extend_schema(
        operation_id="open_session",
        request=SessionIn,
        responses={200: PersonOut, 201: PersonOut},
        auth=[{}, {"cookieAuth": []}],  # type: ignore[list-item]
    )
    def post(self, request: Request) -> Response:
        _refuse_foreign(request._request)
        given = SessionIn(data=request.data)
        given.is_valid(raise_exception=True)
        if given.validated_data:
            account = log_in(request._request, **given.validated_data)
        elif request.user:
            return _shown(request, self.person)
        else:
            account = join()
        login(request._request, account, backend=_BACKEND)
        return _shown(request, account, status=200 if given.validated_data else 201)

    @extend_schema(operation_id="close_session", responses={204: None})
    def delete(self, request: Request) -> Response:
        if self.person.is_guest:
            raise NoWayBack
        logout(request._request)
        return Response(status=204)


class MeView(PersonView):
    """The person of the session."""

    @extend_schema(operation_id="me", responses=PersonOut)
    def get(self, request: Request) -> Response:
        return _shown(request, self.person)

    @extend_schema(operation_id="change_me", request=SettingsIn, responses=PersonOut)
    def patch(self, request: Request) -> Response:
        wanted = SettingsIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        change_settings(self.person, **wanted.validated_data)
        return _shown(request, self.person)

    @extend_schema(operation_id="erase_me", responses={204: None})
    def delete(self, request: Request) -> Response:
        erase_person(self.person)
        logout(request._request)
        return Response(status=204)


class LoginView(PersonView):
    """A way back: the same person on another device, or after this one is lost."""

    throttle_classes = (LoginThrottle,)

    @extend_schema(operation_id="attach_login", request=LoginIn, responses=PersonOut)
    def put(self, request: Request) -> Response:
        wanted = LoginIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        try:
            attach_login(request._request, self.person, **wanted.validated_data)
        except ValidationError as error:
            raise serializers.ValidationError({"password": error.messages}) from None
        update_session_auth_hash(request._request, self.person)
        return _shown(request, self.person)


class ExportView(PersonView):
    """Everything that is kept of the person of the session."""

    @extend_schema(
        operation_id="export_me", responses={(200, "application/zip"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        response = StreamingHttpResponse(export_person(self.person), content_type="application/zip")
        response.headers["Content-Disposition"] = 'attachment; filename="tamis.zip"'
        return response


class ConsentView(PersonView):
    """One purpose, and what the person says of it."""

    @extend_schema(operation_id="say_consent", request=ConsentIn, responses=ConsentOut)
    def put(self, request: Request, purpose: str) -> Response:
        if purpose not in Consent.Purpose.values:
            raise Http404
        said = ConsentIn(data=request.data)
        said.is_valid(raise_exception=True)
        verb = give_consent if said.validated_data["granted"] else withdraw_consent
        consent = verb(self.person, purpose, text_version=said.validated_data["text_version"])
        return Response(ConsentOut(consent).data)


class _Origin(CsrfViewMiddleware):
    """Django's check of the Origin header alone, for those who have no token yet."""

    def is_foreign(self, request: HttpRequest) -> bool:
        if "HTTP_ORIGIN" not in request.META:
            return False
        return not self._origin_verified(request)  # type: ignore[attr-defined]


def _refuse_foreign(request: HttpRequest) -> None:
    """Let no other site give a visitor a session: it would replace the one they have.

    Raises
    ------
    PermissionDenied
        If the request says that it comes from elsewhere.
    """
    if _Origin(lambda _: HttpResponse()).is_foreign(request):
        raise exceptions.PermissionDenied("The request comes from another site.")


def _shown(request: Request, user: User, *, status: int = 200) -> Response:
    """Show a person to themselves, and let their session live on from now."""
    get_token(request._request)
    request.session.modified = True
    return Response(PersonOut(user).data, status=status)

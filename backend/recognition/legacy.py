"""POST /predict_svm, /predict_vgg: the doors of the services Tamis grew from, for their clients."""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ml.errors import BadBundle, BadInput
from ml.task import GENRE

from .api import RecogniseThrottle
from .champions import Busy, NoModel
from .services import recognise
from .uploads import BoundedJSONParser, BoundedMultiPartParser

_MISSING = "Aucun fichier audio fourni"
_UNREADABLE = "Ce fichier audio ne se lit pas"
_SAID = {
    "too-large": "Ce fichier audio est trop grand",
    "too-short-sound": "Ce fichier audio est trop court",
    "silent-sound": "On n’entend rien dans ce fichier audio",
    "clipped-sound": "Ce fichier audio est saturé",
    "no-music": "On n’entend pas de musique dans ce fichier audio",
}
_BUSY = "Le service est occupé ou n’a pas de modèle : réessayez plus tard"


class MusicIn(serializers.Serializer[Any]):
    """One music file, in one of three ways."""

    wav_music = serializers.CharField(required=False, help_text="In JSON: the file as base64.")
    audio = serializers.FileField(required=False, help_text="In a form: the file.")
    musicFile = serializers.FileField(required=False, help_text="The same.")  # noqa: N815


class GenreOut(serializers.Serializer[Any]):
    genre = serializers.CharField()


class _GenreView(APIView):
    """Names the genre of a music file, always one; keeps nothing. New programs use /api/."""

    parser_classes = (BoundedJSONParser, BoundedMultiPartParser)
    throttle_classes = (RecogniseThrottle,)
    engine: str

    def post(self, request: Request) -> Response:
        data = _music(request.data)
        if data is None:
            return Response({"error": _MISSING}, status=400)
        (answer,) = recognise(GENRE, data, engines=(self.engine,))
        return Response({"genre": answer.top[0].label})

    def get_exception_handler(self) -> Callable[..., Response | None]:
        """Their clients read `error`, and know nothing of problems."""
        return _error


@extend_schema_view(
    post=extend_schema(operation_id="predict_svm", request=MusicIn, responses=GenreOut)
)
class SvmView(_GenreView):
    """Names the genre of a music file by its features; for clients of the earlier service."""

    engine = "svm"


@extend_schema_view(
    post=extend_schema(operation_id="predict_vgg", request=MusicIn, responses=GenreOut)
)
class VggView(_GenreView):
    """Names the genre of a music file by its picture; for clients of the earlier service."""

    engine = "vgg19"


def _music(sent: Any) -> bytes | None:
    """The file in what was sent, by whichever name; None where there is none.

    Raises
    ------
    BadInput
        `undecodable-sound` if it is no base64.
    """
    if not isinstance(sent, Mapping):
        return None
    for name in ("audio", "musicFile"):
        if hasattr(sent.get(name), "read"):
            with sent[name] as file:
                data: bytes = file.read()
                return data
    text = sent.get("wav_music")
    if not text:
        return None
    try:
        # A browser's FileReader puts the type in front.
        return base64.b64decode(text.rpartition(",")[2])
    except (AttributeError, ValueError, binascii.Error) as error:
        raise BadInput("undecodable-sound", "not base64") from error


def _error(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Statuses as the contract of these doors has them; what has no name here stays a 500."""
    if isinstance(error, BadInput):
        status = 413 if error.slug == "too-large" else 422
        return Response({"error": _SAID.get(error.slug, _UNREADABLE)}, status=status)
    if isinstance(error, (Busy, NoModel, BadBundle)):
        return Response({"error": _BUSY}, status=503, headers={"Retry-After": "1"})
    if isinstance(error, exceptions.APIException):
        wait = getattr(error, "wait", None)
        headers = {"Retry-After": str(int(wait) + 1)} if wait is not None else {}
        return Response({"error": str(error.detail)}, status=error.status_code, headers=headers)
    return None

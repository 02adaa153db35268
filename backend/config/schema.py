"""Adds to every operation of openapi.yaml the problems it may answer with."""

from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers


class FaultOut(serializers.Serializer[Any]):
    pointer = serializers.CharField()
    detail = serializers.CharField()


class ProblemOut(serializers.Serializer[Any]):
    """RFC 9457; `type` is one of /problems/, `errors` come with 400 only."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    errors = FaultOut(many=True, required=False)  # type: ignore[assignment]


class ProblemSchema(AutoSchema):
    """drf-spectacular's schema with a default response."""

    def _get_response_bodies(
        self, direction: Literal["request", "response"] = "response"
    ) -> dict[str, Any]:
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        problem = self._get_response_for_code(  # type: ignore[no-untyped-call]
            OpenApiResponse(ProblemOut, description="A problem of /problems/."),
            "default",
            media_types=["application/problem+json"],
        )
        return {**bodies, "default": problem}

"""GET /api/docs/: the contract as a page for people, without a script."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView


class DocsView(APIView):
    """The contract as a page."""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        return HttpResponse(_page())


def _page() -> SafeString:
    """Write the generated contract as HTML: operations, then what they take and give."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    operations = [
        (path, verb.upper(), operation)
        for path, verbs in schema["paths"].items()
        for verb, operation in verbs.items()
    ]
    return format_html(
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<title>Tamis: the API</title><h1>{}: the API</h1><p>{} Errors are problems (RFC 9457), "
        'listed at <a href="/problems/">/problems/</a>; the contract for programs is at '
        '<a href="/api/schema/">/api/schema/</a>.</p>{}<h2>What goes in and out</h2>{}</html>',
        schema["info"]["title"],
        schema["info"]["description"],
        format_html_join("", "{}", ((_operation(*each),) for each in operations)),
        format_html_join(
            "", "{}", ((_object(*each),) for each in schema["components"]["schemas"].items())
        ),
    )


def _operation(path: str, verb: str, operation: Mapping[str, Any]) -> SafeString:
    takes = [
        (parameter["name"], _kind(parameter["schema"]), parameter.get("description", ""))
        for parameter in operation.get("parameters", ())
    ]
    bodies = operation.get("requestBody", {}).get("content", {})
    takes += [(media, _kind(body["schema"]), "") for media, body in bodies.items()]
    gives = [
        (status, media, _kind(body["schema"]))
        for status, response in operation["responses"].items()
        for media, body in response.get("content", {}).items()
    ]
    return format_html(
        "<h2><code>{} {}</code></h2><p>{}</p><ul>{}</ul><ul>{}</ul>",
        verb,
        path,
        operation.get("description", ""),
        format_html_join("", "<li>takes <code>{}</code>: {} {}</li>", takes),
        format_html_join("", "<li>gives {}, {}: {}</li>", gives),
    )


def _object(name: str, schema: Mapping[str, Any]) -> SafeString:
    fields = ((field, _kind(kind)) for field, kind in schema.get("properties", {}).items())
    return format_html(
        '<h3 id="{0}"><code>{0}</code></h3><p>{1}</p><ul>{2}</ul>',
        name,
        schema.get("description", ""),
        format_html_join("", "<li><code>{}</code>: {}</li>", fields),
    )


def _kind(schema: Mapping[str, Any]) -> str | SafeString:
    """Name a type in a word or two; objects link to where they are described."""
    if reference := schema.get("$ref"):
        name = reference.rsplit("/", 1)[-1]
        return format_html('<a href="#{0}">{0}</a>', name)
    if schema.get("type") == "array":
        return format_html("list of {}", _kind(schema["items"]))
    for choice in ("oneOf", "allOf", "anyOf"):
        if choice in schema:
            return format_html_join(" or ", "{}", ((_kind(each),) for each in schema[choice]))
    kind = schema.get("type", "anything")
    return " or ".join(kind) if isinstance(kind, list) else str(schema.get("format", kind))

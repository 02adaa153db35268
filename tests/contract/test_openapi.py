"""backend/openapi.yaml and the phone's types are what the code says today."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "backend" / "openapi.yaml"


def test_the_committed_contract_is_the_generated_one() -> None:
    schema = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    validate_schema(schema)  # type: ignore[no-untyped-call]
    assert schema["openapi"].startswith("3.1")
    generated = OpenApiYamlRenderer().render(schema, renderer_context={})
    assert COMMITTED.read_bytes() == generated, "make openapi"


def test_every_operation_may_answer_with_a_problem() -> None:
    schema = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    operations = [op for path in schema["paths"].values() for op in path.values()]
    assert operations
    for operation in operations:
        assert "application/problem+json" in operation["responses"]["default"]["content"]


@pytest.mark.django_db
def test_the_page_for_people_shows_every_operation_and_type(client: Client) -> None:
    schema = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    page = client.get("/api/docs/").content.decode()
    for path, verbs in schema["paths"].items():
        for verb in verbs:
            assert f"<code>{verb.upper()} {path}</code>" in page
    links = set(re.findall(r'href="#(\w+)"', page))
    assert links
    assert links <= set(re.findall(r'id="(\w+)"', page)) == set(schema["components"]["schemas"])


def test_the_phones_types_are_made_of_it(tmp_path: Path) -> None:
    program = ROOT / "pwa" / "node_modules" / ".bin" / "openapi-typescript"
    types = ROOT / "pwa" / "src" / "api" / "schema.ts"
    if not program.exists() or shutil.which("node") is None:
        pytest.skip("needs pwa/node_modules (make run)")
    fresh = tmp_path / "schema.ts"
    subprocess.run(
        [program, COMMITTED, "--output", fresh], check=True, capture_output=True, cwd=ROOT
    )
    assert types.read_text() == fresh.read_text(), "make openapi"

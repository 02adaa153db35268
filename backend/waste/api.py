"""departments, rules (ETag; the phone keeps them offline), products: search and catalogue."""

from typing import Any

from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .models import Container, Department, Region, SortingRule, Territory
from .services import catalogue, rules_of, search

MAX_QUERY = 120


class RegionOut(serializers.ModelSerializer[Region]):
    class Meta:
        model = Region
        fields = ("code", "name")
        read_only_fields = fields


class TerritoryOut(serializers.ModelSerializer[Territory]):
    class Meta:
        model = Territory
        fields = ("code", "name", "kind")
        read_only_fields = fields


class DepartmentOut(serializers.ModelSerializer[Department]):
    region = RegionOut()
    territories = TerritoryOut(many=True)

    class Meta:
        model = Department
        fields = ("code", "name", "region", "territories")
        read_only_fields = fields


class ContainerOut(serializers.ModelSerializer[Container]):
    class Meta:
        model = Container
        fields = ("code", "name_fr", "name_en", "kind", "colour", "icon")
        read_only_fields = fields


class ExceptionOut(serializers.ModelSerializer[SortingRule]):
    """What holds instead of the rule where its condition is true."""

    key = serializers.CharField(source="condition", read_only=True)
    container: serializers.Field[Any, Any, Any, Any] = ContainerOut()
    other_containers = serializers.ListField(child=serializers.CharField(), read_only=True)
    source = serializers.CharField(source="source_name")  # type: ignore[assignment]

    class Meta:
        model = SortingRule
        fields = (
            *("key", "condition_fr", "condition_en", "container", "other_containers"),
            *("advice_fr", "advice_en", "scope", "source", "source_url", "source_date"),
            "confidence",
        )
        read_only_fields = fields


class StatementOut(serializers.Serializer[Any]):
    """What a ruling's rule says, on what condition, and who says so."""

    condition_fr = serializers.CharField(source="rule.condition_fr")
    condition_en = serializers.CharField(source="rule.condition_en")
    advice_fr = serializers.CharField(source="rule.advice_fr")
    advice_en = serializers.CharField(source="rule.advice_en")
    scope = serializers.ChoiceField(source="rule.scope", choices=SortingRule.Scope.choices)
    source = serializers.CharField(source="rule.source_name")  # type: ignore[assignment]
    source_url = serializers.CharField(source="rule.source_url")
    source_date = serializers.CharField(source="rule.source_date")


class RulingOut(StatementOut):
    """One material in one place: the rule, then its exceptions, likeliest first."""

    category = serializers.CharField(source="rule.category_id")
    category_name_fr = serializers.CharField(source="rule.category.name_fr")
    category_name_en = serializers.CharField(source="rule.category.name_en")
    hint_fr = serializers.CharField(source="rule.category.hint_fr")
    hint_en = serializers.CharField(source="rule.category.hint_en")
    container = ContainerOut(source="rule.container")
    other_containers = serializers.ListField(
        source="rule.other_containers", child=serializers.CharField()
    )
    confidence = serializers.ChoiceField(
        source="rule.confidence", choices=SortingRule.Confidence.choices
    )
    unless = ExceptionOut(many=True)


class LocalRulingOut(RulingOut):
    """The same for a territory inside the department."""

    territory = serializers.CharField(source="rule.territory_id")


class DepartmentRulingOut(RulingOut):
    """The same for a department, with what its territories document."""

    local = LocalRulingOut(many=True)


class AnswerExceptionOut(ExceptionOut):
    container = serializers.CharField(source="container_id")


class AnswerContainerOut(StatementOut):
    """The bin of an answer, and who says so."""

    code = serializers.CharField(source="rule.container.code")
    name_fr = serializers.CharField(source="rule.container.name_fr")
    name_en = serializers.CharField(source="rule.container.name_en")
    kind = serializers.CharField(source="rule.container.kind")
    colour = serializers.CharField(source="rule.container.colour")
    icon = serializers.CharField(source="rule.container.icon")
    unless = AnswerExceptionOut(many=True)


class ProductOut(serializers.Serializer[Any]):
    """A product, where it goes (best place first), and how well its name fits."""

    code = serializers.CharField(source="product.code")
    name_fr = serializers.CharField(source="product.name_fr")
    category = serializers.CharField(source="product.category_id")
    containers = ContainerOut(source="product.places", many=True)
    score = serializers.FloatField()
    matched = serializers.CharField(help_text="The name or everyday word that answered.")


class ListedProductOut(serializers.Serializer[Any]):
    """A product with every name it is found by; `containers` are codes, best place first."""

    code = serializers.CharField(source="product.code")
    name_fr = serializers.CharField(source="product.name_fr")
    synonyms = serializers.ListField(source="product.synonyms", child=serializers.CharField())
    everyday = serializers.ListField(child=serializers.CharField())
    category = serializers.CharField(source="product.category_id")
    containers = serializers.ListField(source="product.place_codes", child=serializers.CharField())


class CatalogueOut(serializers.Serializer[Any]):
    """What a phone needs to search without a network."""

    containers = ContainerOut(many=True)
    products = ListedProductOut(many=True)


class ProductQuery(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=MAX_QUERY, help_text="A name, typos allowed.")


@method_decorator([gzip_page, conditional_page], name="dispatch")
class DepartmentsView(APIView):
    """All departments, with the territories whose rules are documented."""

    @extend_schema(operation_id="departments", responses=DepartmentOut(many=True))
    def get(self, request: Request) -> Response:
        departments = Department.objects.select_related("region").prefetch_related("territories")
        return Response(DepartmentOut(departments, many=True).data)


@method_decorator([gzip_page, conditional_page], name="dispatch")
class RulesView(APIView):
    """The sorting rules of one department, one entry per material."""

    @extend_schema(operation_id="rules", responses=DepartmentRulingOut(many=True))
    def get(self, request: Request, code: str) -> Response:
        return Response(DepartmentRulingOut(rules_of(code), many=True).data)


@method_decorator([gzip_page, conditional_page], name="dispatch")
class ProductsView(APIView):
    """Products whose name or synonym fits, best first."""

    @extend_schema(
        operation_id="products", parameters=[ProductQuery], responses=ProductOut(many=True)
    )
    def get(self, request: Request) -> Response:
        query = ProductQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        return Response(ProductOut(search(query.validated_data["q"]), many=True).data)


@method_decorator([gzip_page, conditional_page], name="dispatch")
class CatalogueView(APIView):
    """Every product and container; the phone keeps it and searches offline."""

    @extend_schema(operation_id="catalogue", responses=CatalogueOut)
    def get(self, request: Request) -> Response:
        kept = {"containers": Container.objects.all(), "products": catalogue()}
        return Response(CatalogueOut(kept).data)

"""Admin of the rules: to read and compare; what is wrong is mended in waste/data."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html

from .models import (
    Category,
    Container,
    Department,
    Product,
    ProductContainer,
    Region,
    RuleAlternative,
    SortingRule,
    Territory,
)


class ReadOnly:
    """Read here, changed where it comes from: in the file that is loaded, by the verb behind it."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AlternativeInline(ReadOnly, admin.TabularInline[RuleAlternative, SortingRule]):
    model = RuleAlternative


class OutletInline(ReadOnly, admin.TabularInline[ProductContainer, Product]):
    model = ProductContainer


@admin.register(SortingRule)
class SortingRuleAdmin(ReadOnly, admin.ModelAdmin[SortingRule]):
    list_display = (
        *("place", "category", "condition_fr", "container", "scope", "confidence"),
        *("source", "source_date"),
    )
    list_filter = ("scope", "confidence", "category", "container", "territory", "department")
    list_select_related = ("department", "territory", "category", "container")
    search_fields = (
        *("department__name", "territory__name", "category__name_fr", "condition_fr"),
        *("advice_fr", "source_name"),
    )
    ordering = ("department", "territory", "category__position", "-priority")
    list_per_page = 50
    inlines = (AlternativeInline,)

    @admin.display(description="lieu", ordering="department")
    def place(self, rule: SortingRule) -> str:
        return str(rule.territory or rule.department)

    @admin.display(description="source", ordering="source_name")
    def source(self, rule: SortingRule) -> str:
        if not rule.source_url:
            return rule.source_name
        return format_html('<a href="{}">{}</a>', rule.source_url, rule.source_name)


@admin.register(Product)
class ProductAdmin(ReadOnly, admin.ModelAdmin[Product]):
    list_display = ("name_fr", "category", "places")
    list_filter = ("category", "containers")
    search_fields = ("name_fr", "synonyms")
    inlines = (OutletInline,)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Product]:
        return super().get_queryset(request).prefetch_related("outlets__container")

    @admin.display(description="destinations")
    def places(self, product: Product) -> str:
        return ", ".join(container.name_fr for container in product.places)


@admin.register(Container)
class ContainerAdmin(ReadOnly, admin.ModelAdmin[Container]):
    list_display = ("name_fr", "kind", "colour", "icon")


@admin.register(Department)
class DepartmentAdmin(ReadOnly, admin.ModelAdmin[Department]):
    list_display = ("code", "name", "region")
    search_fields = ("code", "name")
    list_filter = ("region",)


@admin.register(Territory)
class TerritoryAdmin(ReadOnly, admin.ModelAdmin[Territory]):
    list_display = ("name", "department", "kind")
    search_fields = ("name", "department__name")


@admin.register(Category)
class CategoryAdmin(ReadOnly, admin.ModelAdmin[Category]):
    list_display = ("name_fr", "name_en", "code", "hint_fr")


@admin.register(Region)
class RegionAdmin(ReadOnly, admin.ModelAdmin[Region]):
    list_display = ("code", "name")

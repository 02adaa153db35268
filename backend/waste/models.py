"""Region, Department, Territory, Category, Container, SortingRule, Product."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from .reference import DEFAULT, SOURCE_DATE


class Region(models.Model):
    """A French region."""

    code = models.CharField(primary_key=True, max_length=2)
    name = models.CharField("nom", max_length=64, unique=True)

    class Meta:
        verbose_name = "région"
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^\d{2}$"), name="region_code_is_insee"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="region_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A French department; its code is text: 01, 2A, 974."""

    code = models.CharField(primary_key=True, max_length=3)
    name = models.CharField("nom", max_length=64, unique=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="departments")

    class Meta:
        verbose_name = "département"
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^(\d{2}|2[AB]|97\d)$"), name="department_code_is_insee"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="department_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Territory(models.Model):
    """A place inside a department whose own rules are documented."""

    class Kind(models.TextChoices):
        INTERCOMMUNALITY = "intercommunality", "intercommunalité"
        COMMUNE = "commune", "commune"

    code = models.SlugField(primary_key=True, max_length=64)
    name = models.CharField("nom", max_length=128)
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="territories")
    kind = models.CharField("nature", max_length=16, choices=Kind.choices)

    class Meta:
        verbose_name = "territoire"
        verbose_name_plural = "territoires"
        ordering: ClassVar = ["department", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["department", "name"], name="one_territory_per_name_in_a_department"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["intercommunality", "commune"]),
                name="territory_kind_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(code="") & ~Q(name=""), name="territory_has_a_name"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    """A material; its code is the label a model gives."""

    code = models.SlugField(primary_key=True, max_length=32)
    name_fr = models.CharField("nom", max_length=64, unique=True)
    name_en = models.CharField("nom anglais", max_length=64, unique=True)
    hint_fr = models.TextField("piège à éviter", blank=True)
    hint_en = models.TextField("piège à éviter, en anglais", blank=True)
    position = models.PositiveSmallIntegerField("rang", unique=True)

    class Meta:
        verbose_name = "matière"
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(code="") & ~Q(name_fr="") & ~Q(name_en=""),
                name="category_has_its_names",
            ),
        ]

    def __str__(self) -> str:
        return self.name_fr


class Container(models.Model):
    """A bin or another place where waste is taken."""

    class Kind(models.TextChoices):
        BIN = "bin", "bac"
        DROP_OFF = "drop_off", "point d’apport"
        RECYCLING_CENTRE = "recycling_centre", "déchèterie"
        TAKE_BACK = "take_back", "reprise"

    code = models.CharField(primary_key=True, max_length=32)
    name_fr = models.CharField("nom", max_length=96, unique=True)
    name_en = models.CharField("nom anglais", max_length=96, unique=True)
    kind = models.CharField("nature", max_length=16, choices=Kind.choices)
    colour = models.CharField("couleur", max_length=7, blank=True)
    icon = models.SlugField("icône", max_length=32)
    hint_fr = models.TextField("explication", blank=True)
    hint_en = models.TextField("explication anglaise", blank=True)

    class Meta:
        verbose_name = "bac ou point de collecte"
        verbose_name_plural = "bacs et points de collecte"
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(colour="") | Q(colour__regex=r"^#[0-9A-Fa-f]{6}$"),
                name="container_colour_is_rrggbb",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["bin", "drop_off", "recycling_centre", "take_back"]),
                name="container_kind_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(code="") & ~Q(name_fr="") & ~Q(name_en="") & ~Q(icon=""),
                name="container_has_its_names",
            ),
        ]

    def __str__(self) -> str:
        return self.name_fr


class RuleQuerySet(models.QuerySet["SortingRule"]):
    """Reads of the nomenclature."""

    def readable(self) -> Self:
        """Rules with what an answer shows, exceptions before the default, likeliest first."""
        return (
            self.select_related("category", "container")
            .prefetch_related("alternatives")
            .order_by("category__position", "-priority", "condition")
        )

    def of_department(self, code: str) -> Self:
        """What a whole department does."""
        return self.filter(department_id=code, territory=None)

    def of_territory(self, code: str) -> Self:
        """What a documented territory does, for the categories where it says something."""
        return self.filter(territory_id=code)

    def of_territories(self) -> Self:
        """What the documented territories do, each with its exceptions first."""
        return self.filter(territory__isnull=False).order_by(
            "territory", "category__position", "-priority", "condition"
        )


class SortingRule(models.Model):
    """Where one material goes in one place, under one condition, and who says so."""

    class Scope(models.TextChoices):
        NATIONAL = "national", "nationale"
        DEPARTMENTAL = "departmental", "départementale"
        LOCAL = "local", "locale"

    class Confidence(models.TextChoices):
        HIGH = "high", "forte"
        MEDIUM = "medium", "moyenne"
        LOW = "low", "faible"

    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="rules")
    territory = models.ForeignKey(
        Territory, on_delete=models.PROTECT, related_name="rules", null=True, blank=True
    )
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="rules")
    condition = models.SlugField("condition", max_length=32, default=DEFAULT)
    condition_fr = models.CharField("si", max_length=128)
    condition_en = models.CharField("si, en anglais", max_length=128)
    priority = models.PositiveSmallIntegerField("priorité", default=0)
    container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="rules")
    advice_fr = models.TextField("conseil")
    advice_en = models.TextField("conseil anglais")
    scope = models.CharField("portée", max_length=16, choices=Scope.choices)
    source_name = models.TextField("source")
    source_url = models.URLField("adresse de la source", max_length=500, blank=True)
    source_date = models.CharField("date de la source", max_length=64)
    confidence = models.CharField("confiance", max_length=8, choices=Confidence.choices)

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = "consigne de tri"
        verbose_name_plural = "consignes de tri"
        constraints: ClassVar = [
            # Two constraints, because a unique index lets NULL territories repeat.
            models.UniqueConstraint(
                fields=["department", "category", "condition"],
                condition=Q(territory__isnull=True),
                name="one_rule_per_department_and_condition",
            ),
            models.UniqueConstraint(
                fields=["territory", "category", "condition"],
                condition=Q(territory__isnull=False),
                name="one_rule_per_territory_and_condition",
            ),
            models.CheckConstraint(
                condition=~Q(source_name="") & Q(source_date__regex=SOURCE_DATE),
                name="rule_has_a_source",
            ),
            models.CheckConstraint(
                condition=Q(condition=DEFAULT, priority=0)
                | (~Q(condition=DEFAULT) & ~Q(condition="") & Q(priority__gt=0)),
                name="default_has_no_priority",
            ),
            models.CheckConstraint(
                condition=~Q(condition_fr="")
                & ~Q(condition_en="")
                & ~Q(advice_fr="")
                & ~Q(advice_en=""),
                name="rule_speaks_both_languages",
            ),
            # territory may be NULL; a rule called local must name its own.
            models.CheckConstraint(
                condition=Q(scope__in=["national", "departmental"])
                | Q(scope="local", territory__isnull=False),
                name="local_rule_has_a_territory",
            ),
            models.CheckConstraint(
                condition=Q(confidence__in=["high", "medium", "low"]),
                name="rule_confidence_is_known",
            ),
        ]

    def __str__(self) -> str:
        place = self.territory_id or self.department_id
        return f"{place} · {self.category_id} · {self.condition}"

    @property
    def other_containers(self) -> list[str]:
        """Codes of the places that also take it, best first."""
        return [alternative.container_id for alternative in self.alternatives.all()]


class RuleAlternative(models.Model):
    """Another place where a rule allows the waste to go, by rank."""

    rule = models.ForeignKey(SortingRule, on_delete=models.CASCADE, related_name="alternatives")
    container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField("rang")

    class Meta:
        verbose_name = "autre possibilité"
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["rule", "container"], name="alternative_is_listed_once"
            ),
            models.UniqueConstraint(fields=["rule", "position"], name="one_alternative_per_rank"),
        ]

    def __str__(self) -> str:
        return self.container_id


class Product(models.Model):
    """A thing people look up by its name, and where it goes, best place first."""

    code = models.SlugField(primary_key=True, max_length=80)
    name_fr = models.CharField("nom", max_length=255, unique=True)
    synonyms = models.JSONField("synonymes", default=list, blank=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    containers: models.ManyToManyField[Container, "ProductContainer"] = models.ManyToManyField(
        Container, through="ProductContainer", related_name="products"
    )
    source_name = models.TextField("source")

    class Meta:
        verbose_name = "produit"
        ordering: ClassVar = ["name_fr"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(code="") & ~Q(name_fr="") & ~Q(source_name=""),
                name="product_has_name_and_source",
            ),
        ]

    def __str__(self) -> str:
        return self.name_fr

    @property
    def places(self) -> list[Container]:
        """Where it goes, best place first."""
        return [outlet.container for outlet in self.outlets.all()]

    @property
    def place_codes(self) -> list[str]:
        """The same by code, without reading the containers."""
        return [outlet.container_id for outlet in self.outlets.all()]


class ProductContainer(models.Model):
    """One place for one product, by rank: 0 is tried first."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="outlets")
    container = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField("rang")

    class Meta:
        verbose_name = "destination"
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["product", "container"], name="outlet_is_listed_once"),
            models.UniqueConstraint(fields=["product", "position"], name="one_outlet_per_rank"),
        ]

    def __str__(self) -> str:
        return self.container_id

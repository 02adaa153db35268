"""Routes of waste, under /api/."""

from django.urls import path

from .api import CatalogueView, DepartmentsView, ProductsView, RulesView

urlpatterns = [
    path("departments/", DepartmentsView.as_view()),
    path("departments/<slug:code>/rules/", RulesView.as_view()),
    path("products/", ProductsView.as_view()),
    path("products/catalogue/", CatalogueView.as_view()),
]

"""Routes of operations, at the root."""

from django.urls import path

from .health import livez, readyz

urlpatterns = [path("livez", livez), path("readyz", readyz)]

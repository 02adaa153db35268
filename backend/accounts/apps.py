"""The app of people, pseudonymous by default."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "backend.accounts"
    verbose_name = "Personnes"

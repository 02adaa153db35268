"""What allauth is told of our ways: no signup, each in their language, one idea of an address."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils import translation
from rest_framework.throttling import BaseThrottle


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's adapter, in our house."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People start as a pseudonym: POST /api/session/."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write to a person in the language they chose."""
        with translation.override(context["user"].locale):
            super().send_mail(template_prefix, email, context)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that the API's throttles count, NUM_PROXIES believed."""
        return BaseThrottle().get_ident(request)  # type: ignore[arg-type]

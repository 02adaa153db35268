"""The four doors of allauth that stay open, under /_allauth/browser/v1/: what mails lead to.

Login, signup, changes of password and address have their own rules here; allauth's own routes
for them would go around these, so they are not mounted.
"""

from allauth.headless.account.views import (
    RequestPasswordResetView,
    ResetPasswordView,
    VerifyEmailView,
)
from allauth.headless.base.views import ConfigView
from allauth.headless.constants import Client
from django.urls import path

_VIEWS = {
    "config": ConfigView,
    "auth/password/request": RequestPasswordResetView,
    "auth/password/reset": ResetPasswordView,
    "auth/email/verify": VerifyEmailView,
}

urlpatterns = [
    path(address, view.as_api_view(client=Client.BROWSER)) for address, view in _VIEWS.items()
]

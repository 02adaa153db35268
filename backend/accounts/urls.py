"""Routes of accounts, under /api/."""

from django.urls import path

from .api import ConsentView, ExportView, LoginView, MeView, SessionView

urlpatterns = [
    path("session/", SessionView.as_view()),
    path("me/", MeView.as_view()),
    path("me/login/", LoginView.as_view()),
    path("me/export/", ExportView.as_view()),
    path("me/consents/<str:purpose>/", ConsentView.as_view()),
]

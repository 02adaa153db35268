"""Routes of accounts, under /api/."""

from django.urls import path

from .api import ConsentView, MeView, SessionView

urlpatterns = [
    path("session/", SessionView.as_view()),
    path("me/", MeView.as_view()),
    path("me/consents/<str:purpose>/", ConsentView.as_view()),
]

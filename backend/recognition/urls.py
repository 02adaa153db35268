"""Routes of recognition, under /api/."""

from django.urls import path, re_path

from .api import ModelFileView, ModelsView, RecogniseView, TasksView

urlpatterns = [
    path("tasks/", TasksView.as_view()),
    path("tasks/<str:task>/recognise/", RecogniseView.as_view()),
    path("models/", ModelsView.as_view()),
    re_path(
        r"^models/(?P<sha256>[0-9a-f]{64})\.tflite$", ModelFileView.as_view(), name="model-file"
    ),
]

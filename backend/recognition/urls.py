"""Routes of recognition, under /api/."""

from django.urls import path

from .api import ModelFileView, ModelsView, RecogniseView, TasksView
from .captures_api import CaptureFileView, CapturesView, CaptureView, CorrectionView

urlpatterns = [
    path("tasks/", TasksView.as_view()),
    path("tasks/<str:task>/recognise/", RecogniseView.as_view()),
    path("models/", ModelsView.as_view()),
    path("captures/", CapturesView.as_view()),
    path("captures/<uuid:capture_id>/", CaptureView.as_view()),
    path("captures/<uuid:capture_id>/file/", CaptureFileView.as_view(), name="capture-file"),
    path("captures/<uuid:capture_id>/correction/", CorrectionView.as_view()),
    path("models/<str:file>", ModelFileView.as_view(), name="model-file"),
]

"""/api/, /predict_svm, /_allauth/, /admin/, /livez, /readyz, /problems/; not the shell's files."""

from django.contrib import admin
from django.http import HttpRequest, JsonResponse
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from backend.recognition.legacy import SvmView, VggView

from .docs import DocsView
from .problems import not_found, problem_page, problems


def unbuilt(request: HttpRequest) -> JsonResponse:
    """Answer at / where pwa/dist is missing; otherwise the shell has answered."""
    return problem_page(request, "not-found", detail="The app is not built yet: `make run` does.")


urlpatterns = [
    path("", unbuilt),
    path("", include("backend.operations.urls")),
    path("api/", include("backend.accounts.urls")),
    path("api/", include("backend.recognition.urls")),
    path("api/", include("backend.waste.urls")),
    path("predict_svm", SvmView.as_view()),
    path("predict_vgg", VggView.as_view()),
    path("api/schema/", SpectacularAPIView.as_view()),
    path("api/docs/", DocsView.as_view()),
    # Before Django's own 404, which is a page for people when DEBUG is on.
    re_path(r"^api/", not_found),
    path("problems/", problems),
    path("problems/<slug:slug>", problems),
    path("_allauth/browser/v1/", include("backend.accounts.allauth_urls")),
    path("admin/", admin.site.urls),
]

handler400 = "backend.config.problems.bad_request"
handler403 = "backend.config.problems.forbidden"
handler404 = "backend.config.problems.not_found"
handler500 = "backend.config.problems.server_error"

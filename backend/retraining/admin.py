"""Admin of the loop: snapshots, runs with every check of the gate, and the one click to promote."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from backend.accounts.models import User
from backend.recognition.services import task_named
from backend.waste.admin import ReadOnly

from .models import DatasetSnapshot, RetrainingRun, Watch
from .services import NotAdmitted, NoWayBack, promote_challenger, roll_back


@admin.register(DatasetSnapshot)
class DatasetSnapshotAdmin(ReadOnly, admin.ModelAdmin[DatasetSnapshot]):
    list_display = ("__str__", "n_items", "from_people", "without", "created_at")
    list_filter = ("task",)
    exclude = ("captures",)

    @admin.display(description="dont captures")
    def from_people(self, snapshot: DatasetSnapshot) -> int:
        return sum(snapshot.counts.get("captures", {}).values())

    @admin.display(description="laissées de côté")
    def without(self, snapshot: DatasetSnapshot) -> int:
        return len(snapshot.left_out)


@admin.register(RetrainingRun)
class RetrainingRunAdmin(ReadOnly, admin.ModelAdmin[RetrainingRun]):
    list_display = ("__str__", "status", "challenger", "failed_checks", "started_at", "finished_at")
    list_filter = ("task", "engine", "status")
    list_select_related = ("challenger", "snapshot")
    fields = (
        *("task", "engine", "status", "snapshot", "champion", "challenger", "checks", "error"),
        *("seed", "code_version", "host", "started_at", "finished_at", "log"),
    )
    readonly_fields = ("checks",)

    @admin.display(description="épreuves manquées")
    def failed_checks(self, run: RetrainingRun) -> str:
        return ", ".join(c["name"] for c in run.gate.get("checks", []) if not c["passed"]) or "–"

    @admin.display(description="épreuves")
    def checks(self, run: RetrainingRun) -> SafeString:
        rows = format_html_join(
            "",
            "<tr><th scope=row>{} {}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
            (
                ("✓" if c["passed"] else "✗", c["name"], c["measured"], c["required"], c["detail"])
                for c in run.gate.get("checks", [])
            ),
        )
        return format_html(
            "<table><thead><tr><th scope=col>épreuve</th><th scope=col>mesuré</th>"
            "<th scope=col>exigé</th><th scope=col></th></tr></thead><tbody>{}</tbody></table>",
            rows,
        )

    def get_urls(self) -> list[URLPattern]:
        def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
            return self._act(request, pk, action)

        view = self.admin_site.admin_view(require_POST(act))
        return [
            path("<int:pk>/promote/", view, {"action": "promote"}, "promote-challenger"),
            path("<int:pk>/roll-back/", view, {"action": "roll_back"}, "roll-back"),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        run = kwargs.get("obj")
        challenger = run.challenger if isinstance(run, RetrainingRun) else None
        may = request.user.has_perm("retraining.change_retrainingrun")
        context["waits"] = may and challenger is not None and challenger.role == "challenger"
        context["serves"] = may and challenger is not None and challenger.role == "champion"
        return super().render_change_form(request, context, *args, **kwargs)

    def _act(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        user = request.user
        if not isinstance(user, User) or not user.has_perm("retraining.change_retrainingrun"):
            raise PermissionDenied
        run = get_object_or_404(RetrainingRun, pk=pk)
        try:
            if action == "promote":
                version = promote_challenger(run, by=user)
            else:
                version = roll_back(task_named(run.task), run.engine, by=user)
        except (NotAdmitted, NoWayBack) as fault:
            messages.error(request, str(fault))
        else:
            messages.success(request, f"{version} est en service.")
        return HttpResponseRedirect(reverse("admin:retraining_retrainingrun_change", args=[pk]))


@admin.register(Watch)
class WatchAdmin(ReadOnly, admin.ModelAdmin[Watch]):
    list_display = (
        *("version", "before", "n", "lost", "gained", "p_value", "wrong_rate"),
        *("wrong_rate_before", "flagged", "rolled_back", "created_at"),
    )
    list_filter = ("flagged", "rolled_back")

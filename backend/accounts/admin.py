"""Admin of people: who they are and what they may do."""

from django.contrib import admin
from django.contrib.auth.models import Group

from .models import User

admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    list_display = ("pseudonym", "is_staff", "locale", "joined_at")
    list_filter = ("is_staff", "locale")
    search_fields = ("pseudonym",)
    exclude = ("password", "groups", "user_permissions")
    # An address changes where its password is shown: PUT /api/me/login/.
    readonly_fields = ("email", "last_login", "joined_at")

"""Let a person into the review desk: to decide alone, or to second."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from backend.accounts.models import User
from backend.recognition.review import DECIDE, SECOND


class Command(BaseCommand):
    help = "Make a person a reviewer (Relecteurs), or a volunteer who seconds (Bénévoles)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("pseudonym")
        parser.add_argument(
            "--second", action="store_true", help="only second what others say: two make a truth"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = User.objects.get(pseudonym=options["pseudonym"])
        except User.DoesNotExist:
            raise CommandError(f"nobody is called {options['pseudonym']!r}") from None
        name, right = ("Bénévoles", SECOND) if options["second"] else ("Relecteurs", DECIDE)
        group, _ = Group.objects.get_or_create(name=name)
        app, codename = right.split(".")
        group.permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
        user.groups.add(group)
        # The desk is a page of the admin.
        user.is_staff = True
        user.save(update_fields=["is_staff"])
        self.stdout.write(f"{user} is one of the {name}")

"""The three verbs of a release in one process: each start of Django costs more than its verb."""

import os
import sys
from pathlib import Path

VERBS = (("migrate", "--no-input"), ("load_rules",), ("install_bundles",))


def main() -> None:
    """Run them in order; the first that fails ends it."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings")
    import django
    from django.core.management import CommandError, call_command

    django.setup()
    for verb, *options in VERBS:
        try:
            call_command(verb, *options)
        except CommandError as error:
            sys.exit(f"{verb}: {error}")


if __name__ == "__main__":
    main()

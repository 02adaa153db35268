"""Django's command line; puts the repo root on sys.path so `backend.x` and `ml.y` resolve."""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    # Python put backend/ itself first: `waste` must not be importable under a second name.
    sys.path[0] = str(Path(__file__).resolve().parents[1])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.config.settings")

    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)

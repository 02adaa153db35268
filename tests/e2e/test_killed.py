"""kill -9 while champions change: always one of them serves, and the history says which."""

import json
import random
from pathlib import Path

import pytest

from tests.factories import make_bundle

from .server import Server

pytestmark = pytest.mark.e2e

# Promotes and goes back for ever, and says each step once it is done.
_FLIP = """
from backend.recognition.models import ModelVersion, Promotion
from backend.recognition.services import promote
from backend.retraining.services import roll_back
from ml.task import TASKS
while True:
    waiting = ModelVersion.objects.exclude(role="champion").latest("pk")
    promote(waiting, reason=Promotion.Reason.HUMAN)
    print("forward", flush=True)
    roll_back(TASKS["waste"], "net")
    print("back", flush=True)
"""
_LOOK = """
import json
from backend.recognition.champions import bundle_folder
from backend.recognition.models import ModelVersion, Promotion
serving = list(ModelVersion.objects.champions())
print(json.dumps({
    "champions": [v.pk for v in serving],
    "last": Promotion.objects.first().version_id,
    "files": [(bundle_folder(v) / v.card["file"]).is_file() for v in serving],
    "promotions": Promotion.objects.count(),
}))
"""


def test_a_promotion_is_whole_or_not_at_all(bundles: Path, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    server = Server(tmp_path / "home")
    server.prepare(bundles)
    make_bundle(tmp_path / "newer" / "waste" / "net", version="2031.1.1")
    server.manage("install_bundles", f"--bundles={tmp_path / 'newer'}")
    dice = random.Random(7)
    promotions = 2
    for _ in range(6):
        # After so many steps, in the middle of the next one.
        with server.begin("shell", "-v0", "-c", _FLIP) as flipping:
            assert flipping.stdout is not None
            for _ in range(dice.randint(1, 6)):
                assert flipping.stdout.readline().strip() in (b"forward", b"back")
            flipping.kill()
        seen = json.loads(server.manage("shell", "-v0", "-c", _LOOK).splitlines()[-1])
        assert seen["champions"] == [seen["last"]]
        assert seen["files"] == [True]
        assert seen["promotions"] > promotions
        promotions = seen["promotions"]

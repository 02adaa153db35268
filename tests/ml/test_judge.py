"""Real bundles sit a real exam: a twin of the seed may take over, a sabotaged one may not."""

import json
import shutil
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from ml.__main__ import main
from ml.bundle import Bundle, load_bundle, write_bundle
from ml.errors import BadBundle, BadDataset
from ml.exam import peak_memory, sit
from ml.gate import Policy
from ml.judge import browser_gap, judge
from ml.manifest import Item, write_manifest
from ml.predict import open_checked, probabilities
from tests.factories import SEED, make_photo

ROOT = Path(__file__).parents[2]
PWA = ROOT / "pwa"
GOLDEN = ROOT / "tests/golden/waste"
# What the seed calls them; `leaves` and `checks` it says for sure.
PHOTOS = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))["photos"]
LENIENT = Policy(needs_browser=False, growth=9.0)

browser = pytest.mark.skipif(
    not (PWA / "node_modules/@litertjs/core").is_dir() or shutil.which("node") is None,
    reason="needs node and the PWA's packages",
)


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure time and memory in one test only: a handful of answers says little of speed."""
    monkeypatch.setattr("ml.judge._TIMED", 1)
    monkeypatch.setattr("ml.judge.peak_memory", lambda bundle: 80_000_000)


def golden(file: str, label: str) -> Item:
    digest = sha256((GOLDEN / file).read_bytes()).hexdigest()
    return Item(file, label, file, "golden", "MIT", digest, "test")


# The least sure answer is counted as wrong, as some answers of any model are.
EXAM = [golden(p["file"], "verre" if p["file"] == "bottle.png" else p["top"]) for p in PHOTOS]


def twin(folder: Path, *, crop: float | None = None, threshold: float | None = None) -> Bundle:
    """The seed's graph under another sha256, as a training would leave it."""
    seed = load_bundle(SEED)
    card = replace(
        seed.card,
        version="2030.1.1",
        metrics={**seed.card.metrics, "parity": 0.004},
        input=replace(seed.card.input, crop=crop or seed.card.input.crop),
        output=replace(seed.card.output, threshold=threshold or seed.card.output.threshold),
    )
    return write_bundle(folder, model=seed.model.read_bytes() + b"\0", card=card)


def failed(verdict) -> set[str]:
    return {check.name for check in verdict.checks if not check.passed}


def judged(challenger: Bundle, **more):
    given = {"data": GOLDEN, "items": EXAM, "policy": LENIENT, **more}
    return judge(load_bundle(SEED), challenger, **given)


def test_a_twin_may_take_over(tmp_path):
    verdict = judged(twin(tmp_path), canaries=EXAM[1:3])
    assert verdict.passed and len(verdict.checks) == 14
    measured = {check.name: check.measured for check in verdict.checks}
    assert measured["macro-f1"] == measured["lost"] == 0
    assert measured["canaries"] == 2
    assert measured["parity"] == 0.004


def test_one_that_is_sure_too_soon_may_not(tmp_path):
    assert failed(judged(twin(tmp_path, threshold=0.15))) == {"accepted-accuracy"}


def test_one_that_is_hardly_ever_sure_may_not(tmp_path):
    assert failed(judged(twin(tmp_path, threshold=1.0))) == {"coverage"}


def test_one_that_looks_elsewhere_may_not(tmp_path):
    verdict = judged(twin(tmp_path, crop=0.1), canaries=EXAM[1:])
    assert {"macro-f1", "recall", "canaries", "lost"} <= failed(verdict)


def test_one_that_never_was_compared_with_keras_may_not(tmp_path):
    bundle = twin(tmp_path)
    metrics = {key: value for key, value in bundle.card.metrics.items() if key != "parity"}
    card = replace(bundle.card, metrics=metrics)
    mute = write_bundle(tmp_path, model=bundle.model.read_bytes(), card=card)
    assert failed(judged(mute)) == {"parity"}


def test_it_is_held_to_the_best_champion_too(tmp_path):
    worse = twin(tmp_path / "worse", crop=0.1)
    verdict = judge(
        worse,
        twin(tmp_path / "twin", crop=0.1),
        data=GOLDEN,
        items=EXAM,
        best=load_bundle(SEED),
        policy=LENIENT,
    )
    assert failed(verdict) == {"macro-f1-of-best"}
    assert "macro-f1-of-best" not in {c.name for c in judged(worse, best=load_bundle(SEED)).checks}


def test_the_first_champion_stands_alone(tmp_path):
    verdict = judge(None, twin(tmp_path), data=GOLDEN, items=EXAM, policy=LENIENT)
    assert verdict.passed
    assert "baseline" in {check.name for check in verdict.checks}


def test_a_tampered_bundle_is_not_even_judged(tmp_path):
    bundle = twin(tmp_path)
    bundle.model.write_bytes(bundle.model.read_bytes()[:-1] + b"\1")
    with pytest.raises(BadBundle, match="altered-model"):
        judged(load_bundle(tmp_path))
    boast = replace(bundle.card.selftest, output=bundle.card.selftest.output[::-1])
    card = replace(bundle.card, selftest=boast)
    with pytest.raises(BadBundle, match="self-test-failed"):
        judged(write_bundle(tmp_path, model=load_bundle(SEED).model.read_bytes(), card=card))


class TestExam:
    @pytest.fixture
    def photos(self, tmp_path):
        (tmp_path / "a.jpg").write_bytes(make_photo())
        return tmp_path

    def item(self, folder: Path, path: str) -> Item:
        digest = sha256((folder / path).read_bytes()).hexdigest()
        return Item(path, "verre", path, "made", "MIT", digest, "test")

    def test_answers_are_those_that_people_get(self, photos):
        engine = open_checked(load_bundle(SEED))
        first, second = sit([engine, engine], photos, [self.item(photos, "a.jpg")])
        assert first.scores.shape == (1, len(engine.card.output.labels))
        assert first.scores[0] == pytest.approx(probabilities(engine, make_photo()))
        assert (first.scores == second.scores).all()
        assert first.latency_ms > 0 and second.latency_ms > 0

    def test_of_nothing_there_is_nothing(self, photos):
        (sitting,) = sit([open_checked(load_bundle(SEED))], photos, [])
        assert sitting.scores.shape == (0, 13)

    @pytest.mark.parametrize(
        ("content", "slug"), [(None, "missing-file"), (b"other", "altered-file")]
    )
    def test_a_photo_that_is_not_the_manifests_is_refused(self, photos, content, slug):
        item = self.item(photos, "a.jpg")
        (photos / "a.jpg").unlink()
        if content:
            (photos / "a.jpg").write_bytes(content)
        with pytest.raises(BadDataset, match=f"{slug}: a.jpg"):
            sit([open_checked(load_bundle(SEED))], photos, [item])

    def test_a_broken_photo_is_named(self, photos):
        (photos / "cut.jpg").write_bytes(make_photo()[:200])
        with pytest.raises(BadDataset, match=r"broken-file: cut\.jpg"):
            sit([open_checked(load_bundle(SEED))], photos, [self.item(photos, "cut.jpg")])

    def test_memory_is_of_a_process_that_holds_only_this_model(self):
        assert 20e6 < peak_memory(load_bundle(SEED)) < 300e6

    def test_memory_of_a_bundle_that_does_not_open_is_an_error(self, tmp_path):
        with pytest.raises(BadBundle):
            peak_memory(Bundle(tmp_path, load_bundle(SEED).card))


class TestBrowser:
    def gap(self, model: Path, pwa: Path | None = PWA):
        engine = open_checked(load_bundle(SEED))
        return browser_gap(engine, model, folder=GOLDEN, items=EXAM[:2], pwa=pwa)

    def test_without_node_or_packages_there_is_no_number(self, tmp_path, monkeypatch):
        model = load_bundle(SEED).model
        assert self.gap(model, None)[0] is self.gap(model, tmp_path)[0] is None
        monkeypatch.setenv("PATH", str(tmp_path))
        gap, note = self.gap(model)
        assert gap is None and "node" in note

    @browser
    def test_every_build_that_browsers_load_answers_the_golden_vectors(self):
        gap, note = self.gap(load_bundle(SEED).model)
        assert gap is not None and gap < 1e-3
        assert note.startswith("3 golden vectors, litert_wasm_compat_internal")

    @browser
    def test_a_graph_that_answers_otherwise_is_seen(self, tmp_path):
        raw = bytearray(load_bundle(SEED).model.read_bytes())
        raw[2_000_000:2_004_000] = b"\x40" * 4000  # two thousand weights in the middle
        (tmp_path / "model.tflite").write_bytes(raw)
        gap, _ = self.gap(tmp_path / "model.tflite")
        assert gap is not None and gap > 1e-3

    @browser
    def test_a_file_that_the_browser_cannot_open_is_as_far_off_as_can_be(self, tmp_path):
        (tmp_path / "model.tflite").write_bytes(b"\0" * 1000)
        gap, note = self.gap(tmp_path / "model.tflite")
        assert gap == 1.0 and "cannot run it: Error: Failed to load model" in note


class TestCommand:
    @pytest.fixture
    def judge(self, tmp_path, capsys):
        write_manifest(tmp_path / "manifest.jsonl", EXAM)
        write_manifest(tmp_path / "canaries.jsonl", EXAM[1:3])

        def run(challenger: Bundle, *more: str):
            names = [str(SEED), str(challenger.folder), str(tmp_path / "manifest.jsonl")]
            code = main(["judge", *names, "--data", str(GOLDEN), *more])
            return code, json.loads(capsys.readouterr().out)

        return run

    @browser
    def test_a_twin_passes(self, judge, tmp_path, monkeypatch):
        monkeypatch.setattr("ml.judge._TIMED", 200)
        monkeypatch.setattr("ml.judge.peak_memory", peak_memory)
        canaries = ["--canaries", str(tmp_path / "canaries.jsonl")]
        code, verdict = judge(twin(tmp_path / "twin"), "--node", str(PWA), *canaries)
        assert code == 0 and verdict["passed"]
        measured = {check["name"]: check["measured"] for check in verdict["checks"]}
        assert measured["latency"] == pytest.approx(1, abs=0.1)
        assert measured["memory"] == pytest.approx(1, abs=0.1)

    def test_without_a_browser_nobody_passes(self, judge, tmp_path):
        code, verdict = judge(twin(tmp_path / "twin"))
        assert code == 1 and not verdict["passed"]
        (asked,) = (check for check in verdict["checks"] if check["name"] == "browser")
        assert (asked["passed"], asked["measured"]) == (False, "not measured")

    def test_a_bundle_that_is_none_is_said_in_a_line(self, tmp_path, capsys):
        names = [str(SEED), str(tmp_path), str(tmp_path / "manifest.jsonl")]
        assert main(["judge", *names, "--data", str(GOLDEN)]) == 1
        assert "unreadable-card" in capsys.readouterr().err

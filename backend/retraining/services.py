"""retrain: snapshot → training in a child process → gate → challenger; promote, roll_back."""

import fcntl
import logging
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.recognition.champions import bundle_folder
from backend.recognition.models import ModelVersion, Promotion
from backend.recognition.services import age_of, install_bundle, previous_champion, promote
from ml.bundle import Bundle, load_bundle
from ml.curate import bounds
from ml.errors import MLError
from ml.gate import Verdict
from ml.judge import judge
from ml.manifest import read_manifest
from ml.task import TASKS, Modality, Task

from .models import DatasetSnapshot, RetrainingRun
from .snapshot import Draft, canaries, copy_captures, draft, freeze, items_of, lay_out

log = logging.getLogger(__name__)

_TAIL = 20_000  # characters of a training's output that its row keeps


class AlreadyRunning(Exception):
    """Another retraining of this engine is at work, here or on another machine."""


class NothingNew(Exception):
    """Too little was reviewed since the last training; says how much."""


class NotAdmitted(Exception):
    """This run has no challenger that passed the gate."""


class NoWayBack(Exception):
    """No earlier champion is known."""


class TrainingFailed(Exception):
    """The child process ended without a bundle; its last words."""


def retrain(task: Task, engine: str, *, seed: int = 1, force: bool = False) -> RetrainingRun:
    """Train a challenger on what was reviewed, judge it, and let it wait for promotion.

    Whatever goes wrong after the snapshot ends as a failed run with its log; the champion is not
    touched. A run that was killed is taken up: the stages it finished are kept on the disk.

    Parameters
    ----------
    force : train though little is new

    Raises
    ------
    AlreadyRunning
        If this engine is being retrained.
    NothingNew
        If what was reviewed since the last judged run is too little, or too one-sided.
    BadDataset
        If the base photos are not there.
    """
    home = settings.TAMIS_HOME / "retraining" / f"{task.name}-{engine}"
    home.mkdir(parents=True, exist_ok=True)
    with _alone(home / "lock") as lock:
        _end_interrupted(task, engine)
        # Copies of photos that a killed run left: their people may have erased them since.
        shutil.rmtree(home / "data", ignore_errors=True)
        drafted = draft(task)
        try:
            _check_due(task, engine, drafted, force=force)
        except NothingNew:
            _forget_erased(home / "work", drafted)
            raise
        run = _begin(task, engine, freeze(task, drafted), seed=seed)
        try:
            return _train_and_judge(run, task, home, lock)
        except (MLError, TrainingFailed, OSError) as error:
            return _fail(run, error, home / "log")


def promote_challenger(run: RetrainingRun, *, by: User | None) -> ModelVersion:
    """Let the challenger of a passed run serve; `by` is None where nobody had to click.

    Raises
    ------
    NotAdmitted
        If the run did not pass, or another challenger took its place since.
    """
    challenger = run.challenger
    if challenger is None or challenger.role != ModelVersion.Role.CHALLENGER:
        raise NotAdmitted(f"{run} has no challenger in waiting")
    reason = Promotion.Reason.AUTOMATIC if by is None else Promotion.Reason.HUMAN
    promote(challenger, reason=reason, by=by)
    return challenger


def roll_back(task: Task, engine: str, *, by: User | None = None) -> ModelVersion:
    """Let the champion before this one serve again.

    Raises
    ------
    NoWayBack
        If there was none.
    """
    with transaction.atomic():
        serving = ModelVersion.objects.champions().filter(task=task.name, engine=engine).first()
        before = previous_champion(serving) if serving is not None else None
        if before is None:
            raise NoWayBack(f"{task.name}/{engine} has no earlier champion")
        promote(before, reason=Promotion.Reason.ROLL_BACK, by=by)
    return before


@contextmanager
def _alone(path: Path) -> Iterator[int]:
    """Hold the lock of one engine; the kernel lets go of it whenever its last holder dies.

    The training inherits it: an orphan that outlives its parent still holds it.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise AlreadyRunning(f"another process holds {path.parent.name}/{path.name}") from None
    else:
        yield handle
    finally:
        os.close(handle)


def _end_interrupted(task: Task, engine: str) -> None:
    """Close the row of a run that died on this machine: whoever holds the lock is alone here."""
    running = RetrainingRun.objects.filter(
        task=task.name, engine=engine, status=RetrainingRun.Status.RUNNING
    ).first()
    if running is None:
        return
    if running.host != socket.gethostname():
        raise AlreadyRunning(
            f"run {running.pk} is at work on {running.host}; if that machine is gone: "
            f"retrain {task.name} --abandon {running.pk}"
        )
    abandon(running)


def abandon(run: RetrainingRun) -> None:
    """Close a run that nobody works on any more."""
    RetrainingRun.objects.filter(pk=run.pk, status=RetrainingRun.Status.RUNNING).update(
        status=RetrainingRun.Status.FAILED, error="interrupted", finished_at=timezone.now()
    )


def _forget_erased(work: Path, drafted: Draft) -> None:
    """Without a training that prunes them, features of photos that are gone would stay for weeks.

    All of them go: the next training pays once more for what it could have found.
    """
    learned = work / "manifest.jsonl"
    if not learned.exists():
        return
    kept = {item.sha256 for item in drafted.items}
    if any(item.sha256 not in kept for item in read_manifest(learned)):
        shutil.rmtree(work)


def _check_due(task: Task, engine: str, drafted: Draft, *, force: bool) -> None:
    judged = (RetrainingRun.Status.PASSED, RetrainingRun.Status.HELD)
    last = RetrainingRun.objects.filter(task=task.name, engine=engine, status__in=judged).first()
    if last is not None and last.snapshot.sha256 == drafted.sha256:
        raise NothingNew(f"nothing new since {last}")
    previous = {item.sha256 for item in items_of(last.snapshot)} if last is not None else set()
    due = bounds(drafted.curated.items, previous, at_least=settings.RETRAIN_MIN_NEW)
    if not due.due and not force:
        raise NothingNew(due.reason)


def _begin(task: Task, engine: str, snapshot: DatasetSnapshot, *, seed: int) -> RetrainingRun:
    try:
        with transaction.atomic():
            return RetrainingRun.objects.create(
                task=task.name,
                engine=engine,
                snapshot=snapshot,
                champion=ModelVersion.objects.champions()
                .filter(task=task.name, engine=engine)
                .first(),
                seed=seed,
                host=socket.gethostname(),
            )
    except IntegrityError:
        raise AlreadyRunning(f"another run of {task.name}/{engine} has just begun") from None


def _train_and_judge(run: RetrainingRun, task: Task, home: Path, lock: int) -> RetrainingRun:
    out = home / "bundle"
    shutil.rmtree(out, ignore_errors=True)
    with lay_out(task, run.snapshot, home / "data") as data:
        _train(run, data, out, home, lock)
        bundle = load_bundle(out)
        if bundle.card.training.snapshot != run.snapshot.sha256:
            raise TrainingFailed("the bundle was trained on another snapshot")
        verdict = _judge(run, task, data, out)
    run.code_version = bundle.card.training.code
    run.gate, run.log = verdict.to_json(), _tail(home / "log")
    run.status = RetrainingRun.Status.PASSED if verdict.passed else RetrainingRun.Status.HELD
    run.finished_at = timezone.now()
    role = ModelVersion.Role.CHALLENGER if verdict.passed else ModelVersion.Role.NONE
    with transaction.atomic():
        run.challenger, new = install_bundle(out, role=role)
        if not new:
            raise TrainingFailed(f"the training gave {run.challenger} once more")
        run.save()
    if verdict.passed and settings.AUTO_PROMOTE:
        promote_challenger(run, by=None)
    shutil.rmtree(out, ignore_errors=True)
    return run


def _train(run: RetrainingRun, data: Path, out: Path, home: Path, lock: int) -> None:
    """Run `python -m ml.train` and wait; a stopped parent takes it along."""
    # Whoever waits for an answer on this machine goes first.
    command = ["nice", "-n", "10", sys.executable, "-m", "ml.train"]
    command += ["--task", run.task, "--engine", run.engine]
    command += ["--data", str(data), "--out", str(out), "--work", str(home / "work")]
    command += ["--seed", str(run.seed), "--version", next_version(run.task, run.engine)]
    with (home / "log").open("wb") as output:
        child = subprocess.Popen(
            [*command, *_weights(run.task), *settings.TRAIN_OPTIONS],
            cwd=settings.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=[lock],
        )
        try:
            code = child.wait()
        finally:
            child.kill()
            child.wait()
    if code != 0:
        raise TrainingFailed(f"python -m ml.train ended with {code}")


def _weights(task: str) -> list[str]:
    """The weights of a photo's backbone beside the base data, where they are."""
    if TASKS[task].modality is not Modality.IMAGE:
        return []
    files: Sequence[Path] = sorted((settings.TAMIS_DATA / "weights").glob("*_notop.weights.h5"))
    return ["--weights", str(files[0])] if files else []


def _judge(run: RetrainingRun, task: Task, data: Path, out: Path) -> Verdict:
    items = [i for i in read_manifest(data / "manifest.jsonl") if i.split == "test"]
    past, captures = canaries(task)
    copy_captures(past, captures, data)
    return judge(
        _bundle_of(run.champion),
        load_bundle(out),
        data=data,
        items=items,
        canaries=past,
        browser=settings.ROOT / "pwa",
        best=_bundle_of(best_champion(run.task, run.engine)),
    )


def _bundle_of(version: ModelVersion | None) -> Bundle | None:
    return load_bundle(bundle_folder(version)) if version is not None else None


def best_champion(task: str, engine: str) -> ModelVersion | None:
    """The best on the frozen test of all that ever served, but for those people went back from."""
    left = Promotion.objects.filter(reason=Promotion.Reason.ROLL_BACK).values("previous")
    served = ModelVersion.objects.filter(task=task, engine=engine, promotions__isnull=False)
    return max(
        served.exclude(pk__in=left).distinct(),
        key=lambda version: version.metrics.get("macro_f1", 0.0),
        default=None,
    )


def _fail(run: RetrainingRun, error: Exception, output: Path) -> RetrainingRun:
    log.error("%s failed: %s", run, error)
    run.status = RetrainingRun.Status.FAILED
    run.error, run.log, run.finished_at = str(error), _tail(output), timezone.now()
    run.save()
    return run


def _tail(path: Path) -> str:
    if not path.exists():
        return ""
    return path.read_text(encoding="utf-8", errors="replace")[-_TAIL:].replace("\0", "")


def next_version(task: str, engine: str) -> str:
    """ISO year, week, number: above every version there is, also when a clock was set back."""
    year, week, _ = timezone.now().isocalendar()
    versions = ModelVersion.objects.filter(task=task, engine=engine)
    newest = max((age_of(v) for v in versions.values_list("version", flat=True)), default=())
    if newest >= (year, week):
        year, week, number = (*newest, 0, 0)[:3]
        return f"{year}.{week:02d}.{number + 1}"
    return f"{year}.{week:02d}.1"

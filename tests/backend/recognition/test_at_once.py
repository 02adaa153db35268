"""Two requests at once, a full disk, a deletion that is taken back: rows and files agree."""

import errno
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from threading import Barrier
from time import time
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from backend.accounts.services import ConsentRequired
from backend.recognition import captures
from backend.recognition.models import Capture, ModelVersion, Prediction, Promotion
from backend.recognition.services import install_bundle, promote
from ml.task import WASTE
from tests.backend.recognition.sending import client_of, put_capture, stored, url_of
from tests.factories import SEED, make_bundle, make_photo, make_user

pytestmark = pytest.mark.usefixtures("transactional_db")


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Run each call in a thread of its own, all starting together."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        start.wait(timeout=30)
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]


def kept_is_stored() -> int:
    """Each row has its file and each file its row; return how many there are."""
    names = sorted(Path(capture.file.path) for capture in Capture.objects.all())
    assert stored() == names
    return len(names)


def test_the_same_upload_eight_times_at_once_is_one_row_and_one_file() -> None:
    install_bundle(SEED)
    user, capture_id = make_user(consents=["store"]), uuid4()
    phones = [client_of(user) for _ in range(8)]
    answers = at_once(*[lambda phone=phone: put_capture(phone, capture_id) for phone in phones])
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert kept_is_stored() == 1
    assert Prediction.objects.count() == 1


def test_an_id_that_two_people_send_at_once_is_one_person_s() -> None:
    capture_id = uuid4()
    users = [make_user(name, consents=["store"]) for name in ("merle", "pie", "geai", "grive")]
    phones = [client_of(user) for user in users]
    answers = at_once(*[lambda phone=phone: put_capture(phone, capture_id) for phone in phones])
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    assert kept_is_stored() == 1


def test_the_daily_quota_holds_in_a_rush(settings: Any) -> None:
    settings.CAPTURES_PER_DAY = 3
    user = make_user(consents=["store"])
    phones = [client_of(user) for _ in range(8)]
    answers = at_once(*[lambda phone=phone: put_capture(phone) for phone in phones])
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [429] * 5
    assert kept_is_stored() == 3


def test_two_promotions_at_once_end_in_one_champion(tmp_path: Path) -> None:
    first, _ = install_bundle(SEED)
    rivals = [
        install_bundle(
            make_bundle(tmp_path / str(n), version=f"2030.{n}.1", padding=n).folder,
            role=ModelVersion.Role.NONE,
        )[0]
        for n in (1, 2, 3)
    ]
    at_once(*[lambda v=rival: promote(v, reason=Promotion.Reason.HUMAN) for rival in rivals])
    history = list(Promotion.objects.order_by("pk"))
    assert [row.previous_id for row in history] == [None, *(row.version_id for row in history[:-1])]
    assert ModelVersion.objects.champions().get().pk == history[-1].version_id
    assert {row.version_id for row in history} == {first.pk, *(rival.pk for rival in rivals)}


@contextmanager
def half_written(monkeypatch: pytest.MonkeyPatch, code: int) -> Iterator[None]:
    """A disk that takes half of each file."""
    save = FileSystemStorage._save  # type: ignore[attr-defined]

    def half(self: FileSystemStorage, name: str, content: Any) -> str:
        content.file.truncate(content.size // 2)
        save(self, name, content)
        raise OSError(code, "no room")

    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, "_save", half)
        yield


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_keeps_nothing_half(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    phone, capture_id = client_of(make_user(consents=["store"])), uuid4()
    with half_written(monkeypatch, code):
        refused = put_capture(phone, capture_id)
    assert (refused.status_code, refused.json()["type"]) == (507, "/problems/no-space")
    assert kept_is_stored() == 0
    assert put_capture(phone, capture_id).status_code == 201
    assert kept_is_stored() == 1


def test_another_fault_of_the_disk_is_not_called_full(monkeypatch: pytest.MonkeyPatch) -> None:
    phone = client_of(make_user(consents=["store"]), raise_request_exception=False)
    with half_written(monkeypatch, errno.EIO):
        assert put_capture(phone).status_code == 500
    assert kept_is_stored() == 0


def test_a_table_without_room_keeps_no_file() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite can be told to be full")
    user = make_user(consents=["store"])
    phone, last = client_of(user), None
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        (pages,) = cursor.fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages + 4}")
        for _ in range(60):
            last = put_capture(phone)
            if last.status_code != 201:
                break
        assert last is not None
        assert (last.status_code, last.json()["type"]) == (507, "/problems/no-space")
        before = kept_is_stored()
        cursor.execute("PRAGMA max_page_count = 1000000")
    assert put_capture(phone).status_code == 201
    assert kept_is_stored() == before + 1


def test_a_file_goes_with_its_row_and_not_before() -> None:
    user = make_user(consents=["store"])
    phone, capture_id = client_of(user), uuid4()
    put_capture(phone, capture_id)
    with pytest.raises(RuntimeError), transaction.atomic():
        user.delete()
        raise RuntimeError("and the erasure is taken back")
    assert kept_is_stored() == 1
    assert phone.delete(url_of(capture_id)).status_code == 204
    assert (kept_is_stored(), stored()) == (0, [])


def test_who_is_erased_leaves_no_file() -> None:
    user = make_user(consents=["store"])
    phone = client_of(user)
    for seed in range(3):
        put_capture(phone, data=make_photo(seed=seed))
    assert kept_is_stored() == 3
    user.delete()
    assert stored() == []


def test_a_file_that_resists_does_not_save_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user(consents=["store"])
    phone = client_of(user)
    for seed in range(3):
        put_capture(phone, data=make_photo(seed=seed))
    delete, kept = FileSystemStorage.delete, stored()[1]

    def refuse(self: FileSystemStorage, name: str) -> None:
        if name.endswith(kept.name):
            raise PermissionError(name)
        delete(self, name)

    monkeypatch.setattr(FileSystemStorage, "delete", refuse)
    user.delete()
    assert stored() == [kept]


def test_who_is_erased_while_their_photo_is_decoded_keeps_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = make_user(consents=["store"])
    clean = captures.clean

    def erase_meanwhile(*args: Any) -> Any:
        type(user).objects.filter(pk=user.pk).delete()
        return clean(*args)

    monkeypatch.setattr(captures, "clean", erase_meanwhile)
    with pytest.raises(ConsentRequired):
        captures.receive_capture(
            user, uuid4(), task=WASTE, data=make_photo(), captured_at=timezone.now()
        )
    assert kept_is_stored() == 0


def test_a_killed_server_s_leftovers_are_swept_and_nothing_else() -> None:
    assert swept() == 0
    phone = client_of(make_user(consents=["store"]))
    put_capture(phone)
    (known,) = stored()
    left, fresh = known.with_name("left.jpg"), known.with_name("fresh.jpg")
    for path in (left, fresh):
        path.write_bytes(known.read_bytes())
    for path in (known, left):
        os.utime(path, (0, time() - 25 * 3600))
    assert swept() == 1
    assert stored() == sorted([known, fresh])


def swept() -> int:
    out = StringIO()
    call_command("sweep_captures", stdout=out)
    return int(out.getvalue().split()[0])

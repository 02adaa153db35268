"""captures/{id}/correction/: what an owner says, changes and takes back, and what comes of it."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.services import withdraw_consent
from backend.recognition.models import Capture, Correction
from backend.retraining.models import DatasetSnapshot
from tests.backend.recognition.sending import put_correction, url_of
from tests.factories import make_capture, make_user

pytestmark = pytest.mark.django_db

Status = Correction.Status


def decide(correction: Correction, status: Status) -> None:
    """As the review desk does."""
    correction.status, correction.reviewed_at = status, timezone.now()
    correction.save()


def told(phone: Client, capture: Capture) -> Any:
    return phone.get(url_of(capture.pk)).json()


def test_a_word_is_kept_and_waits(phone: Client, person: User) -> None:
    capture = make_capture(person)
    response = put_correction(phone, capture.pk, "verre")
    assert response.status_code == 201
    said = response.json()
    assert set(said) == {"label", "status", "truth", "created_at", "reviewed_at"}
    assert (said["label"], said["status"], said["truth"]) == ("verre", "pending", None)
    assert said["reviewed_at"] is None
    assert (told(phone, capture)["state"], told(phone, capture)["correction"]) == (
        "corrected",
        said,
    )


@pytest.mark.parametrize("status", [Status.PENDING, Status.ACCEPTED, Status.REJECTED])
def test_the_same_word_again_changes_nothing(phone: Client, person: User, status: Status) -> None:
    """A phone that heard no answer repeats itself; nobody reviews that twice."""
    capture = make_capture(person, label="verre")
    if status != Status.PENDING:
        decide(capture.corrections.get(), status)
    before = told(phone, capture)
    response = put_correction(phone, capture.pk, "verre")
    assert (response.status_code, response.json()) == (200, before["correction"])
    assert told(phone, capture) == before


@pytest.mark.parametrize("status", [Status.PENDING, Status.ACCEPTED, Status.REJECTED])
def test_another_word_waits_again(phone: Client, person: User, status: Status) -> None:
    capture = make_capture(person, label="verre")
    if status != Status.PENDING:
        decide(capture.corrections.get(), status)
    before = capture.corrections.get().created_at
    said = put_correction(phone, capture.pk, "metal").json()
    assert (said["label"], said["status"], said["truth"]) == ("metal", "pending", None)
    changed = capture.corrections.get()
    assert (changed.reviewer, changed.reviewed_at) == (None, None)
    assert changed.created_at > before


@pytest.mark.parametrize("verb", ["put", "delete"])
def test_a_truth_that_is_taken_back_binds_no_model_and_silences_nobody(
    phone: Client, person: User, verb: str
) -> None:
    capture = make_capture(person, label="verre", is_canary=True)
    decide(capture.corrections.get(), Status.ACCEPTED)
    other = capture.corrections.create(author=make_user("pie"), label="metal")
    decide(other, Status.REJECTED)
    if verb == "put":
        put_correction(phone, capture.pk, "plastique")
    else:
        phone.delete(f"{url_of(capture.pk)}correction/")
    capture.refresh_from_db()
    other.refresh_from_db()
    assert not capture.is_canary
    assert (other.status, other.reviewed_at) == (Status.PENDING, None)


def test_a_word_is_taken_back_and_again(phone: Client, person: User) -> None:
    capture = make_capture(person, label="verre")
    for _ in range(2):
        assert phone.delete(f"{url_of(capture.pk)}correction/").status_code == 204
        assert told(phone, capture)["correction"] is None
    assert put_correction(phone, capture.pk, "verre").status_code == 201


def test_a_reviewer_s_word_is_the_truth_and_names_nobody(phone: Client, person: User) -> None:
    capture = make_capture(person, label="verre")
    decide(capture.corrections.get(), Status.REJECTED)
    decide(
        capture.corrections.create(author=make_user("pie", is_staff=True), label="metal"),
        Status.ACCEPTED,
    )
    seen = told(phone, capture)
    assert seen["state"] == "agreed"
    assert (seen["correction"]["label"], seen["correction"]["truth"]) == ("verre", "metal")
    assert "pie" not in str(seen)
    # Taking one's own word back does not take the reviewer's.
    phone.delete(f"{url_of(capture.pk)}correction/")
    assert capture.corrections.get().status == Status.ACCEPTED


def test_the_state_follows_what_becomes_of_it(phone: Client, person: User) -> None:
    capture = make_capture(person)
    assert told(phone, capture)["state"] == "received"
    put_correction(phone, capture.pk, "verre")
    assert told(phone, capture)["state"] == "corrected"
    decide(capture.corrections.get(), Status.REJECTED)
    assert told(phone, capture)["state"] == "rejected"
    put_correction(phone, capture.pk, "metal")
    decide(capture.corrections.get(), Status.ACCEPTED)
    assert told(phone, capture)["state"] == "agreed"
    snapshots = [
        DatasetSnapshot.objects.create(
            task="waste", sha256=f"{n}" * 64, manifest="m", counts={}, n_items=1
        )
        for n in range(2)
    ]
    for snapshot in snapshots:
        snapshot.captures.add(capture)
        seen = told(phone, capture)
        assert (seen["state"], seen["snapshot"]) == ("learned", snapshot.pk)


@pytest.mark.parametrize("label", ["or", "", "Verre", "x" * 40, "verre\0"])
def test_a_word_the_task_does_not_know_is_refused(phone: Client, person: User, label: str) -> None:
    capture = make_capture(person)
    response = put_correction(phone, capture.pk, label)
    assert (response.status_code, response.json()["type"]) == (400, "/problems/malformed")
    assert not Correction.objects.exists()


def test_no_capture_no_word(phone: Client) -> None:
    response = put_correction(phone, uuid4(), "verre")
    assert (response.status_code, response.json()["type"]) == (404, "/problems/not-found")


def test_without_consent_no_word_is_added_but_may_be_taken_back(
    phone: Client, person: User
) -> None:
    capture = make_capture(person, label="verre")
    withdraw_consent(person, "store")
    response = put_correction(phone, capture.pk, "metal")
    assert (response.status_code, response.json()["type"]) == (403, "/problems/consent-required")
    assert phone.delete(f"{url_of(capture.pk)}correction/").status_code == 204
    assert not Correction.objects.exists()


def test_what_is_exported_names_nobody_else(phone: Client, person: User) -> None:
    capture = make_capture(person, label="verre", department_id="33")
    reviewer = make_user("pie", is_staff=True)
    own = capture.corrections.get()
    own.reviewer = reviewer
    decide(own, Status.ACCEPTED)
    capture.corrections.create(author=reviewer, label="verre")
    row = Capture.objects.get()
    exported = {**row.exported(), "correction": own.exported()}
    assert exported["id"] == exported["correction"]["capture"] == str(capture.pk)
    assert (exported["truth"], exported["department"]) == ("verre", "33")
    assert exported["correction"]["status"] == "accepted"
    text = str(exported)
    assert "pie" not in text
    assert str(reviewer.dataset_group) not in text
    assert row.exported_files() == [(f"captures/{capture.pk}.jpg", row.file)]

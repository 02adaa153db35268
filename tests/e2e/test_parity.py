"""Phone and server see the same bytes and say the same: the golden files in a real browser."""

import base64
import hashlib
import json
from typing import Any

import pytest

from .conftest import SEED
from .phone import Phone
from .server import ROOT

pytestmark = pytest.mark.e2e

FOLDER = ROOT / "tests" / "golden" / "waste"
GOLDEN: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text())

# The app's own worker, asked as the app asks it; base64 in and out, because the driver speaks JSON.
_CLASSIFY = """
const [workerUrl, model, files, side, crop, done] = arguments;
const worker = new Worker(workerUrl);
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const text = (array) => {
  let out = '';
  for (const byte of array) out += String.fromCharCode(byte);
  return btoa(out);
};
let lastId = 0;
const ask = (request) => new Promise((resolve, reject) => {
  const id = ++lastId;
  worker.addEventListener('message', ({ data }) => {
    if (data.id === id) data.ok ? resolve(data.result) : reject(new Error(data.detail));
  });
  worker.postMessage({ id, request });
});
(async () => {
  const served = new Uint8Array(await (await fetch(model.url)).arrayBuffer());
  await ask({ kind: 'open', sha256: model.sha256, model: served });
  const answers = [];
  for (const file of files) {
    const source = new Blob([bytes(file)], { type: 'image/png' });
    const pixels = await ask({ kind: 'square', photo: 1, source, side, crop });
    const { scores } = await ask({ kind: 'run', sha256: model.sha256, input: pixels });
    answers.push({ pixels: text(pixels), scores: [...scores] });
  }
  worker.terminate();
  return answers;
})().then(done, (error) => done(String(error)));
"""


def test_the_browser_sees_and_says_what_the_server_does(phone: Phone) -> None:
    card = json.loads((SEED / "card.json").read_text())
    assert GOLDEN["model_sha256"] == card["sha256"], "golden files of another model"
    (worker,) = (ROOT / "pwa" / "dist" / "assets").glob("worker-*.js")
    model = {"url": f"/api/models/{card['sha256']}.tflite", "sha256": card["sha256"]}
    photos = GOLDEN["photos"]
    files = [base64.b64encode((FOLDER / photo["file"]).read_bytes()).decode() for photo in photos]
    phone.first_visit()
    answers = phone.script(
        _CLASSIFY, f"/assets/{worker.name}", model, files, GOLDEN["side"], GOLDEN["crop"]
    )
    assert isinstance(answers, list), answers
    for photo, answer in zip(photos, answers, strict=True):
        pixels = base64.b64decode(answer["pixels"])
        assert len(pixels) == GOLDEN["side"] ** 2 * 3
        assert hashlib.sha256(pixels).hexdigest() == photo["sha256"], photo["file"]
        assert answer["scores"] == pytest.approx(photo["probabilities"], abs=1e-3), photo["file"]
        best = max(range(len(answer["scores"])), key=answer["scores"].__getitem__)
        assert GOLDEN["labels"][best] == photo["top"], photo["file"]

"""One server for all, phones as needed, photos of which the model is sure or not."""

import statistics
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ml.bundle import load_bundle, write_bundle
from ml.engines import open_engine
from ml.predict import Answer, predict

from .listening import Heard, tunes
from .listening import bundles as hearing_bundles
from .phone import Phone
from .pictures import film, jpeg, scenes
from .server import ROOT, Server

SCENES = 30
SEED = ROOT / "ml" / "bundles" / "waste" / "net"

Photo = tuple[Path, Answer]
Ranked = list[tuple[Answer, Image.Image]]


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped model, with a threshold that some drawn scenes pass and others do not.

    What it thinks of drawings is no promise: only the line between sure and unsure is moved.
    """
    seed = load_bundle(SEED)
    scores = [predict(open_engine(seed), jpeg(picture)).score for picture in scenes(SCENES)]
    output = replace(seed.card.output, threshold=statistics.median(scores))
    folder = tmp_path_factory.mktemp("bundles")
    card = replace(seed.card, output=output)
    write_bundle(folder / "waste" / "net", model=seed.model.read_bytes(), card=card)
    return folder


@pytest.fixture(scope="session")
def server(bundles: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not (ROOT / "pwa" / "dist" / "index.html").exists():
        pytest.fail("pwa/dist is missing: npm run --prefix pwa build")
    server = Server(tmp_path_factory.mktemp("home"))
    server.prepare(bundles)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def ranked_scenes(bundles: Path) -> Ranked:
    """Drawn scenes from the least to the most certain."""
    engine = open_engine(load_bundle(bundles / "waste" / "net"))
    answers = [(predict(engine, jpeg(picture)), picture) for picture in scenes(SCENES)]
    return sorted(answers, key=lambda pair: pair[0].score)


def _photo(folder: Path, ranked: tuple[Answer, Image.Image]) -> Photo:
    answer, picture = ranked
    path = folder / "photo.jpg"
    path.write_bytes(jpeg(picture))
    return path, answer


@pytest.fixture(scope="session")
def sure(ranked_scenes: Ranked, tmp_path_factory: pytest.TempPathFactory) -> Photo:
    """The photo that the model is surest of."""
    return _photo(tmp_path_factory.mktemp("sure"), ranked_scenes[-1])


@pytest.fixture(scope="session")
def unsure(ranked_scenes: Ranked, tmp_path_factory: pytest.TempPathFactory) -> Photo:
    """The photo that the model can say the least of."""
    return _photo(tmp_path_factory.mktemp("unsure"), ranked_scenes[0])


@pytest.fixture(scope="session")
def scene_film(sure: Photo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sure photo as what the camera sees."""
    path = tmp_path_factory.mktemp("film") / "camera.y4m"
    with Image.open(sure[0]) as picture:
        film(path, picture)
    return path


@pytest.fixture
def make_phone(server: Server) -> Iterator[Callable[..., Phone]]:
    """Take phones in hand; all are put away after the test, none with an error in its console."""
    phones: list[Phone] = []

    def make(*, url: str | None = None, **equipment: Any) -> Phone:
        phone = Phone(url or server.url, **equipment)
        phones.append(phone)
        return phone

    yield make
    complaints = [complaint for phone in phones for complaint in phone.complaints()]
    for phone in phones:
        phone.driver.quit()
    assert complaints == []


@pytest.fixture
def phone(make_phone: Callable[..., Phone]) -> Phone:
    """A phone without a camera."""
    return make_phone()


@pytest.fixture(scope="session")
def airs(tmp_path_factory: pytest.TempPathFactory) -> list[Heard]:
    return tunes(tmp_path_factory.mktemp("airs"), 6)


@pytest.fixture(scope="session")
def sure_air(airs: list[Heard]) -> Heard:
    return airs[-1]


@pytest.fixture(scope="session")
def unsure_air(airs: list[Heard]) -> Heard:
    return airs[0]


@pytest.fixture(scope="session")
def hearing(
    sure_air: Heard, unsure_air: Heard, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server whose nets are sure of one tune and not of another."""
    server = Server(tmp_path_factory.mktemp("hearing"))
    server.prepare(hearing_bundles(tmp_path_factory.mktemp("models"), sure_air, unsure_air))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def listener(make_phone: Callable[..., Phone], hearing: Server) -> Phone:
    """A phone without a microphone."""
    return make_phone(url=hearing.url)

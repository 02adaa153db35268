"""One server for all, phones as needed, photos of which the model is sure or not."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ml.bundle import load_bundle
from ml.engines import open_engine
from ml.predict import Answer, predict

from .phone import Phone
from .pictures import film, jpeg, scenes
from .server import ROOT, Server

SEED = ROOT / "ml" / "bundles" / "waste" / "net"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not (ROOT / "pwa" / "dist" / "index.html").exists():
        pytest.fail("pwa/dist is missing: npm run --prefix pwa build")
    server = Server(tmp_path_factory.mktemp("home"))
    server.prepare()
    server.start()
    yield server
    server.stop()


Photo = tuple[Path, Answer]


@pytest.fixture(scope="session")
def ranked_scenes() -> list[tuple[Answer, Image.Image]]:
    """Drawn scenes from the least to the most certain, as the shipped model sees them."""
    engine = open_engine(load_bundle(SEED))
    answers = [(predict(engine, jpeg(picture)), picture) for picture in scenes(40)]
    return sorted(answers, key=lambda pair: pair[0].score)


def _photo(folder: Path, ranked: tuple[Answer, Image.Image]) -> Photo:
    answer, picture = ranked
    path = folder / "photo.jpg"
    path.write_bytes(jpeg(picture))
    return path, answer


@pytest.fixture(scope="session")
def sure(ranked_scenes: Any, tmp_path_factory: pytest.TempPathFactory) -> Photo:
    """The photo that the model is surest of."""
    photo = _photo(tmp_path_factory.mktemp("sure"), ranked_scenes[-1])
    assert not photo[1].unsure, "the model names none of the drawn scenes: draw other ones"
    return photo


@pytest.fixture(scope="session")
def unsure(ranked_scenes: Any, tmp_path_factory: pytest.TempPathFactory) -> Photo:
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

    def make(*, film: Path | None = None, language: str = "fr-FR") -> Phone:
        phone = Phone(server.url, film=film, language=language)
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

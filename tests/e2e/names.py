"""What the screen calls materials, genres and tones, read where the app reads it."""

import re

from .server import ROOT

_I18N = ROOT / "pwa" / "src" / "i18n"


def _names(file: str, block: str) -> dict[str, str]:
    source = (_I18N / file).read_text(encoding="utf-8")
    found = re.search(rf"^const {block}[^{{]*\{{(.*?)\}};", source, re.DOTALL | re.MULTILINE)
    assert found is not None
    return dict(re.findall(r"(\w+): '([^']+)'", found.group(1)))


FRENCH = _names("fr.ts", "category")
GENRES = _names("fr.listen.ts", "genre")
TONES = _names("fr.listen.ts", "emotion")

"""What the screen calls the materials, read where the app reads it."""

import re

from .server import ROOT

_SOURCE = (ROOT / "pwa" / "src" / "i18n" / "fr.ts").read_text(encoding="utf-8")
_BLOCK = re.search(r"const category[^{]*\{(.*?)\};", _SOURCE, re.DOTALL)
assert _BLOCK is not None
FRENCH = dict(re.findall(r"(\w+): '([^']+)'", _BLOCK.group(1)))

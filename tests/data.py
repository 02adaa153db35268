"""DATA: the folder of real data, where it is there."""

import os
from pathlib import Path

DATA = Path(os.environ.get("TAMIS_DATA") or Path(__file__).parents[2] / "shared" / "data")

"""The intake function as `make validate` packages it: our code by the build's own recipe, the pinned packages beside.

The packages are links to those of this environment, file by file and without bytecode, as the artefact has none.
"""

import re
import subprocess
from importlib.metadata import distribution
from pathlib import Path

HOUSE = Path(__file__).parent.parent
REQUIREMENTS = HOUSE / "functions" / "requirements.txt"


def build(room: Path) -> Path:
    """Lay it out in ``room``; returns ``room``."""
    for name in re.findall(r"^([A-Za-z0-9._-]+)==", REQUIREMENTS.read_text(), re.MULTILINE):
        _link(name, room)
    recipe = ["make", "--no-print-directory", "code-IntakeFunction", f"ARTIFACTS_DIR={room}"]
    subprocess.run(recipe, cwd=HOUSE, check=True, capture_output=True)
    return room


def _link(name: str, room: Path) -> None:
    for file in distribution(name).files or ():
        if ".." in file.parts or file.suffix == ".pyc":
            continue
        link = room / file
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(file.locate())

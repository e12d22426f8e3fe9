"""A copy of the working tree to break: what git would keep of it, and nothing of this one is touched."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import cache_from_source
from pathlib import Path


class Tree:
    """A copy at ``path``; code in it is imported from it, though the environment knows the original."""

    def __init__(self, root: Path, path: Path) -> None:
        self.path = path
        ignored = [line.rstrip("/") for line in _lines(root / ".gitignore") if not line.startswith("#")]
        shutil.copytree(root, path, ignore=shutil.ignore_patterns(".git", *ignored))

    @property
    def environment(self) -> Mapping[str, str]:
        """In which Python finds this copy first."""
        return {**os.environ, "PYTHONPATH": os.pathsep.join([str(self.path / "functions"), str(self.path)])}

    @contextmanager
    def broken(self, files: Mapping[str, str]) -> Iterator[None]:
        """With these texts in place of the files'; afterwards it is whole again."""
        before = {name: ((self.path / name).read_bytes(), (self.path / name).stat()) for name in files}
        try:
            for name, text in files.items():
                (self.path / name).write_text(text, encoding="utf-8")
            yield
        finally:
            for name, (content, stat) in before.items():
                (self.path / name).write_bytes(content)
                os.utime(self.path / name, ns=(stat.st_atime_ns, stat.st_mtime_ns))
                # Byte code is trusted by its second and size, and a fault may have those of another one.
                Path(cache_from_source(str(self.path / name))).unlink(missing_ok=True)


def _lines(file: Path) -> list[str]:
    return [line for line in file.read_text(encoding="utf-8").splitlines() if line] if file.is_file() else []

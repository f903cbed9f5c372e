"""Writes the report's three files, each whole or not at all."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from tests.report.markdown import markdown
from tests.report.page import page

NAMES = ("report.json", "report.md", "report.html")


def write(report: dict[str, Any], folder: Path) -> list[Path]:
    """Write JSON, Markdown and HTML into a folder, which is made; return their paths.

    All three are made before any is written, and each takes its place when it is complete: who
    reads meanwhile finds the old file or the new one.
    """
    texts = [
        json.dumps(report, indent=1, ensure_ascii=False, allow_nan=False) + "\n",
        markdown(report),
        page(report),
    ]
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / name for name in NAMES]
    for path, text in zip(paths, texts, strict=True):
        write_whole(path, text)
    return paths


def write_whole(path: Path, text: str) -> None:
    """Write a file beside its place, and move it there."""
    # a lone surrogate, as of a broken file name, is no character: it is written as its number
    data = text.encode("utf-8", "backslashreplace")
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, delete=False) as file:
        unfinished = Path(file.name)
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        except BaseException:
            file.close()
            unfinished.unlink()
            raise
    unfinished.chmod(0o644)
    unfinished.replace(path)

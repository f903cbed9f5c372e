"""The layout of saved files: the names in a `.keras` archive, an HDF5 file's tree, JSON's keys."""

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import h5py

from tests.board.probe.models import MODELS, fitted

SAVED: dict[str, Callable[[], Any]] = {**MODELS, "after a fit": lambda: fitted("adam")[0]}


def questions() -> dict[str, Callable[[], Any]]:
    asked: dict[str, Callable[[], Any]] = {}
    for name, make in SAVED.items():
        asked[f".keras/{name}"] = partial(archive, make)
        asked[f".weights.h5/{name}"] = partial(weights_file, make)
        asked[f".h5/{name}"] = partial(old_file, make)
    return asked


def archive(make: Callable[[], Any]) -> dict[str, Any]:
    """Return the names in the archive, its JSON flattened, and the tree of its weights."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.keras")
        make().save(path)
        with zipfile.ZipFile(path) as file:
            metadata = json.loads(file.read("metadata.json"))
            config = json.loads(file.read("config.json"))
            weights = Path(file.extract("model.weights.h5", folder))
            compressed = sorted({info.compress_type for info in file.infolist()})
            names = file.namelist()
        return {
            "names": names,
            "compression": compressed,
            "metadata.json": sorted(metadata),  # versions and the date differ in each
            "config.json": numbered(config),
            "model.weights.h5": tree(weights),
        }


def weights_file(make: Callable[[], Any]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.weights.h5")
        make().save_weights(path)
        return tree(path)


def old_file(make: Callable[[], Any]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.h5")
        make().save(path)
        return tree(path)


def tree(path: Path) -> list[str]:
    """Return a line for each group, dataset and attribute."""
    lines: list[str] = []

    def visit(name: str, node: Any) -> None:
        dataset = f" {node.dtype}{node.shape}" if isinstance(node, h5py.Dataset) else "/"
        lines.append(f"{name}{dataset}")
        lines.extend(f"{name} @{attribute}" for attribute in node.attrs)

    with h5py.File(path) as file:
        lines.extend(f"@{attribute}" for attribute in file.attrs)
        file.visititems(visit)
    return sorted(lines)


def numbered(config: dict[str, Any]) -> dict[str, Any]:
    """Return a config's values with their places, and objects' addresses as 0, 1, 2 in order."""
    found = dict(flat(config))
    shared = [place for place in found if place.endswith("shared_object_id")]
    numbers: dict[int, int] = {}
    for place in shared:
        found[place] = numbers.setdefault(found[place], len(numbers))
    return found


def flat(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value in a JSON tree with its place: "config.layers.0.name"."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in pairs:
        inner = f"{place}.{key}" if place else str(key)
        if isinstance(part, (dict, list)) and part:
            yield from flat(part, inner)
        else:
            yield inner, part

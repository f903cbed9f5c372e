"""MNIST, read from Keras's cache folder and fetched from Keras's address where it is not there.

A file from outside is hostile until its arrays have the known hashes. Up to then nothing is
unpickled, and nothing is allocated whose size MNIST itself does not have.
"""

import contextlib
import math
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from pathlib import Path
    from zipfile import ZipFile

Images: TypeAlias = npt.NDArray[np.uint8]

ORIGIN = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
VARIABLE = "MINIDENSE_MNIST"

# Shape and SHA-256 of the raw bytes in C order, without any header. Keras checks the hash of the
# zip file instead, and so refuses the same images packed by anyone else.
ARRAYS: dict[str, tuple[tuple[int, ...], str]] = {
    "x_train": (
        (60000, 28, 28),
        "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757",
    ),
    "y_train": ((60000,), "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13"),
    "x_test": ((10000, 28, 28), "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161"),
    "y_test": ((10000,), "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5"),
}
LARGEST_FILE = 64 * 2**20  # the arrays take 52.4 MiB uncompressed; Keras's zip 11 MiB
LARGEST_DIRECTORY = 4096  # four entries take about 230 bytes
LARGEST_HEADER = 256  # NumPy writes 80 or 128 bytes for these arrays
PREFIX = 10  # magic string, version and header length of a .npy
END_RECORD, ZIP64_LOCATOR = 22, 20  # bytes at the end of a zip without a comment
PIECE = 2**16  # bytes read from the network at once
TIMEOUT = 30.0  # seconds without an answer


def load_data(
    path: str | os.PathLike[str] = "mnist.npz",
) -> tuple[tuple[Images, Images], tuple[Images, Images]]:
    """Load MNIST: 60,000 training and 10,000 test images of handwritten digits.

    The file is looked for where Keras keeps it: `datasets/` in `$KERAS_HOME`, else in `~/.keras`,
    else, where that cannot be written to, in `.keras` in the folder for temporary files. Where it
    is missing or damaged, it is downloaded. If the environment variable `MINIDENSE_MNIST` names a
    file, then that file is read and no other, and nothing is downloaded.

    Mirrors `keras.datasets.mnist.load_data` (`keras/src/datasets/mnist.py`, and `get_file` in
    `keras/src/utils/file_utils.py`). Keras takes a file by the hash of the zip; here the hashes
    of the four arrays decide. Keras reads `KERAS_HOME` when imported; here each call reads it.

    Args:
        path: the name of the file in the cache folder.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, all uint8: images (60000, 28, 28) and (10000, 28,
        28) with pixels from 0 to 255, labels (60000,) and (10000,) from 0 to 9.

    Raises:
        ValueError: if `path` has a folder in it, as in Keras; if the downloaded file, or the one
            that `MINIDENSE_MNIST` names, is not MNIST.
        FileNotFoundError: if `MINIDENSE_MNIST` names no file.
        ConnectionError: if the download fails, which Keras reports as a plain `Exception`.
        OSError: if the cache folder cannot be written to.

    >>> (x_train, y_train), (x_test, y_test) = load_data()  # doctest: +SKIP
    >>> x_train.shape, y_train[:5].tolist()  # doctest: +SKIP
    ((60000, 28, 28), [5, 0, 4, 1, 9])
    >>> load_data("folder/mnist.npz")
    Traceback (most recent call last):
    ValueError: path must be a file name without a folder, received 'folder/mnist.npz'. ...

    MNIST is by Y. LeCun, C. Cortes and C. J. C. Burges, licensed CC BY-SA 3.0.
    """
    from pathlib import Path

    name = os.fspath(path) or "mnist.npz"
    if "/" in name or os.sep in name or name in (".", ".."):
        raise ValueError(
            f"path must be a file name without a folder, received {name!r}. "
            f"Set KERAS_HOME to move the cache folder, or {VARIABLE} to name a file elsewhere."
        )
    if elsewhere := os.environ.get(VARIABLE):
        if not Path(elsewhere).is_file():
            raise FileNotFoundError(f"{VARIABLE} names {elsewhere!r}, and there is no such file.")
        return _read(Path(elsewhere))
    target = _cache_folder() / name
    if target.is_file():
        try:
            return _read(target)
        except ValueError as error:
            print(f"{error} Downloading it again.")
    return _download(target)


def _cache_folder() -> "Path":
    """Return Keras's folder for data sets, made if need be."""
    import tempfile
    from pathlib import Path

    temporary = (Path("/tmp") if Path("/tmp").is_dir() else Path(tempfile.gettempdir())) / ".keras"
    if (keras_home := os.environ.get("KERAS_HOME")) is not None:
        base = Path(keras_home).expanduser() if keras_home else temporary
    else:
        home = Path(os.path.expanduser("~"))  # noqa: PTH111 - the other way raises without a home
        base = home / ".keras" if os.access(home, os.W_OK) else temporary
    with contextlib.suppress(OSError):  # what cannot be made cannot be written to, either
        base.mkdir(parents=True, exist_ok=True)  # Keras does this when it is imported
    folder = (base if os.access(base, os.W_OK) else temporary) / "datasets"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _read(path: "Path", called: str = "") -> tuple[tuple[Images, Images], tuple[Images, Images]]:
    """Return the four arrays of the file, which messages name as `called`."""
    from zipfile import ZipFile

    with path.open("rb") as file:
        try:
            _check_archive(file)
            with ZipFile(file) as archive:
                _check_entries(archive)
                arrays = {name: _read_array(archive, name) for name in ARRAYS}
        except Exception as error:  # a parser of hostile bytes may raise anything
            raise ValueError(f"{called or repr(str(path))} is not MNIST: {error}.") from error
    return (arrays["x_train"], arrays["y_train"]), (arrays["x_test"], arrays["y_test"])


def _check_archive(file: BinaryIO) -> None:
    """Check the end record of the zip, since ZipFile reads a directory of any size into memory."""
    import struct

    size = file.seek(0, os.SEEK_END)
    if not END_RECORD + ZIP64_LOCATOR < size <= LARGEST_FILE:
        raise ValueError(f"it has {size} bytes, and at most {LARGEST_FILE} are read")
    file.seek(size - END_RECORD - ZIP64_LOCATOR)
    locator, end = file.read(ZIP64_LOCATOR), file.read(END_RECORD)
    signature, directory, comment = struct.unpack("<4s8xL4xH", end)
    # A zip64 record would overrule the end record; a file this small needs none.
    if signature != b"PK\5\6" or comment or locator.startswith(b"PK\6\7"):
        raise ValueError("it does not end as a zip file of NumPy's does")
    if directory > LARGEST_DIRECTORY:
        raise ValueError(f"its directory has {directory} bytes, and four arrays need about 230")


def _check_entries(archive: "ZipFile") -> None:
    """Check names and declared sizes, before anything is decompressed."""
    from zipfile import ZIP_DEFLATED, ZIP_STORED

    names = sorted(entry.filename for entry in archive.infolist())
    expected = sorted(f"{name}.npy" for name in ARRAYS)
    if names != expected:
        raise ValueError(f"expected the entries {expected}, received {names}")
    for name, (shape, _) in ARRAYS.items():
        entry = archive.getinfo(f"{name}.npy")
        # zipfile decompresses bzip2 and lzma in pieces of any size, deflate in bounded ones.
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise ValueError(f"{name} is neither stored nor deflated")
        if not 0 < entry.file_size - math.prod(shape) <= PREFIX + LARGEST_HEADER:
            raise ValueError(f"{name} declares {entry.file_size} bytes for uint8 {shape}")


def _read_array(archive: "ZipFile", name: str) -> Images:
    """Return one array, once its header and then its content are those of MNIST."""
    import ast
    import hashlib

    shape, digest = ARRAYS[name]
    with archive.open(f"{name}.npy") as stream:
        prefix = stream.read(PREFIX)
        if not prefix.startswith(b"\x93NUMPY\x01\x00"):
            raise ValueError(f"{name} is not in version 1.0 of the .npy format")
        length = int.from_bytes(prefix[8:], "little")
        if length > LARGEST_HEADER:
            raise ValueError(f"the header of {name} has {length} bytes")
        header = ast.literal_eval(stream.read(length).decode("ascii"))
        if header != {"descr": "|u1", "fortran_order": False, "shape": shape}:
            raise ValueError(f"{name} must be uint8 {shape} in C order, its header says {header}")
        content = bytearray(stream.read(math.prod(shape)))
    if len(content) != math.prod(shape) or hashlib.sha256(content).hexdigest() != digest:
        raise ValueError(f"{name} has other content than MNIST's")
    return np.frombuffer(content, np.uint8).reshape(shape)  # writable, as the buffer is


def _download(target: "Path") -> tuple[tuple[Images, Images], tuple[Images, Images]]:
    """Fetch, check, and only then put the file in its place: whole or not at all."""
    part = target.with_name(f"{target.name}.{os.urandom(4).hex()}.part")
    print(f"Downloading data from {ORIGIN}")
    try:
        with part.open("xb") as file:
            for piece in _fetch(target):
                file.write(piece)
        arrays = _read(part, called=f"What {ORIGIN} sent")
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return arrays


def _fetch(target: "Path") -> Iterator[bytes]:
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import urlopen

    received = 0
    try:
        with urlopen(ORIGIN, timeout=TIMEOUT) as response:
            while piece := response.read(PIECE):
                received += len(piece)
                if received > LARGEST_FILE:
                    raise ValueError(f"{ORIGIN} sent more than {LARGEST_FILE} bytes.")
                print(f"\r{received / 2**20:.1f} MiB", end="", flush=True)
                yield piece
    except (OSError, HTTPException) as error:
        if isinstance(error, HTTPError):
            error.close()
        raise ConnectionError(
            f"URL fetch failure on {ORIGIN}: {error}. Without a network, put the file at "
            f"{str(target)!r}, or set {VARIABLE} to the path of an mnist.npz elsewhere."
        ) from error
    print()


__all__ = ["load_data"]

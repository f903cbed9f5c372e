import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from minidense.datasets import mnist

pytest.importorskip("keras")

# Keras reads KERAS_HOME when its config is imported, so all of this happens in another process,
# one for all tests. Its downloads are replaced: one that writes an empty file, one that fails.
SCRIPT = """
import importlib, json, os, sys, urllib.error
import keras
from keras.src.backend import config
from keras.src.utils import file_utils

def cached_at(variables):
    os.environ.pop("KERAS_HOME", None)
    os.environ.update(variables)
    importlib.reload(config)
    return file_utils.get_file("mnist-parity.npz", "http://127.0.0.1:9/mnist.npz")

def failure(path):
    try:
        keras.datasets.mnist.load_data(path)
    except Exception as error:
        return [type(error).__name__, str(error)]

def empty(url, target, _):
    open(target, "w").close()

addresses = []
def offline(url, *_):
    addresses.append(url)
    raise urllib.error.URLError("offline")

file_utils.urlretrieve = empty
said = {"paths": [cached_at(variables) for variables in json.loads(sys.argv[1])]}
file_utils.urlretrieve = offline
said["folder"] = failure("a/mnist.npz")
said["offline"] = failure("mnist.npz")
said["addresses"] = addresses
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def homes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("homes")
    # Were it not there, Keras would make a folder named "~", and then not use it.
    (folder / "tilde").mkdir()
    return {
        "KERAS_HOME": {"KERAS_HOME": str(folder)},
        "a new folder": {"KERAS_HOME": str(folder / "new" / "folder")},
        "a tilde": {"HOME": str(folder), "KERAS_HOME": "~/tilde"},
        "HOME": {"HOME": str(folder)},
        "a file in the way": {"HOME": str(folder), "KERAS_HOME": __file__ + "/folder"},
        "empty": {"HOME": str(folder), "KERAS_HOME": ""},
    }


@pytest.fixture(scope="module")
def keras_says(homes, tmp_path_factory):
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    answer = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(list(homes.values()))],
        cwd=tmp_path_factory.mktemp("cwd"),
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    said = json.loads(answer.stdout.splitlines()[-1])
    said["paths"] = dict(zip(homes, map(Path, said["paths"]), strict=True))
    for path in said["paths"].values():
        path.unlink(missing_ok=True)  # two are in the temporary folder, the same one
    return said


@pytest.mark.parametrize(
    "case", ["KERAS_HOME", "a new folder", "a tilde", "HOME", "a file in the way", "empty"]
)
def test_both_keep_the_file_in_the_same_place(keras_says, homes, monkeypatch, case):
    monkeypatch.delenv("KERAS_HOME", raising=False)
    for name, value in homes[case].items():
        monkeypatch.setenv(name, value)
    assert mnist._cache_folder() / "mnist-parity.npz" == keras_says["paths"][case]


def test_both_download_from_the_same_address(keras_says):
    assert keras_says["addresses"] == [mnist.ORIGIN]


def test_both_refuse_a_path_with_a_folder(keras_says):
    name, message = keras_says["folder"]
    with pytest.raises(ValueError, match=r"a/mnist\.npz") as ours:
        mnist.load_data("a/mnist.npz")
    assert type(ours.value).__name__ == name
    assert "a/mnist.npz" in message


def test_offline_both_report_a_url_fetch_failure(keras_says, monkeypatch, tmp_path):
    name, message = keras_says["offline"]
    monkeypatch.delenv("MINIDENSE_MNIST", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(mnist, "ORIGIN", "http://127.0.0.1:9/mnist.npz")
    # Keras raises a plain Exception; a ConnectionError is one, and can be caught as OSError.
    with pytest.raises(ConnectionError) as ours:
        mnist.load_data()
    assert name == "Exception"
    assert message.startswith("URL fetch failure on ")
    assert str(ours.value).startswith("URL fetch failure on ")

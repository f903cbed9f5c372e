"""The examples beside the real Keras, each in a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests import expected, record

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
ENVIRONMENT = os.environ | {
    "KERAS_BACKEND": expected.backend(),
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONIOENCODING": "utf-8",
}
AS_ON_TENSORFLOW = f"""
import runpy, sys
sys.path.insert(0, {str(ROOT)!r})
from tests.reference import as_on_tensorflow
as_on_tensorflow()
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a script with its options, when Keras on JAX or torch has been lent TensorFlow's streams."""
FIRST = [] if expected.backend() == "tensorflow" else ["-c", AS_ON_TENSORFLOW]


def run(folder, script, *options):
    return subprocess.run(
        [sys.executable, *FIRST, str(script), *options],
        cwd=folder,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def test_keras_agrees_at_every_station_of_the_tour(tmp_path):
    done = run(tmp_path, EXAMPLES / "keras_models_tour.py", "--keras")
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^Keras [\d.]+ agrees at all 15 stations\.$", done.stdout, re.M)
    assert "DIFFERS" not in done.stdout
    assert len(re.findall(r"^    Keras     agrees ", done.stdout, re.M)) > 40


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_mnist_mlp_with_the_import_swapped_prints_the_same_log_in_keras(tmp_path, optimizer):
    source = (EXAMPLES / "mnist_mlp.py").read_text(encoding="utf-8")
    ours = "\nimport minidense as keras\n"
    assert source.count(ours) == 1
    with_keras = tmp_path / "with_keras.py"
    with_keras.write_text(source.replace(ours, "\nimport keras\n"), encoding="utf-8")

    options = ["--data", "digits", "--epochs", "2", "--no-plot", "--optimizer", optimizer]
    logs = []
    for script in [EXAMPLES / "mnist_mlp.py", with_keras]:
        done = run(tmp_path, script, *options)
        assert done.returncode == 0, done.stdout + done.stderr
        lines = re.sub(r" - \d+s - \d+[mu]?s/step", "", done.stdout)
        logs.append((re.sub(r"\d+\.\d{4}", "#", lines), re.findall(r"\d+\.\d{4}", lines)))
    (our_text, our_numbers), (keras_text, keras_numbers) = logs
    record.same("examples: text of the log", keras_text, our_text)
    assert len(our_numbers) == 2 * 4 + 1
    # Four decimals are printed, and rounding may turn over the last of them.
    ours, theirs = ([float(number) for number in log] for log in (our_numbers, keras_numbers))
    record.close("examples: numbers of the log", theirs, ours, rtol=0, atol=1.01e-4)

"""The examples, run as a newcomer runs them: as scripts, in an empty folder, without a network."""

import importlib.util
import os
import re
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"
NO_FILE = {"MINIDENSE_MNIST": "no-such-file.npz"}  # then nothing is downloaded, either
NO_PICTURES = 'pictures need matplotlib: python -m pip install -e ".[plot]"'
MISSING = "raise ImportError('made to be missing')"


def run_example(folder, name, *options, modules=None, variables=None):
    """Run a script in a folder, with some modules replaced, and every warning an error.

    It takes the package that lies beside it, installed or not.
    """
    replacements = folder / "replaced"
    replacements.mkdir(exist_ok=True)
    for module, source in (modules or {}).items():
        (replacements / f"{module}.py").write_text(source)
    return subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / name), *options],
        cwd=folder,
        env=os.environ
        | {"PYTHONPATH": f"{replacements}{os.pathsep}{ROOT}", "PYTHONIOENCODING": "utf-8"}
        | NO_FILE
        | (variables or {}),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """One epoch on the data that there is, with the picture in its default place."""
    folder = tmp_path_factory.mktemp("trained")
    done = run_example(folder, "mnist_mlp.py", "--epochs", "1")
    return folder, done


@pytest.fixture(scope="module")
def tour(tmp_path_factory):
    return run_example(tmp_path_factory.mktemp("tour"), "keras_models_tour.py")


def load_tour():
    spec = importlib.util.spec_from_file_location("tour", EXAMPLES / "keras_models_tour.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestMnistMlp:
    def test_it_trains_without_mnist_and_says_in_one_line_why(self, trained):
        _, done = trained
        assert done.returncode == 0, done.stderr
        assert done.stderr == ""
        (line,) = [line for line in done.stdout.splitlines() if line.startswith("Data: ")]
        assert line.startswith("Data: the embedded digits, since MNIST cannot be had.")
        assert "no-such-file.npz" in line

    def test_a_pipe_gets_one_line_for_an_epoch_and_no_control_characters(self, trained):
        _, done = trained
        (line,) = [line for line in done.stdout.splitlines() if "val_loss" in line]
        assert re.fullmatch(
            r"313/313 - \d+s - \d+[mu]?s/step - accuracy: 0\.\d{4} - loss: \d\.\d{4} "
            r"- val_accuracy: 0\.\d{4} - val_loss: \d\.\d{4}",
            line,
        )
        assert not re.search(r"[\x08\x1b\r]", done.stdout)

    def test_it_prints_the_summary_and_a_test_accuracy_of_over_80_percent(self, trained):
        _, done = trained
        assert "Total params: 101,770" in done.stdout
        (percent,) = re.findall(r"^Test accuracy: ([\d.]+)% on 2,000 images", done.stdout, re.M)
        assert 80 < float(percent) <= 100  # measured: 93 with SGD after one epoch

    def test_the_picture_is_a_png_of_its_size_with_right_and_wrong_digits(self, trained):
        image = pytest.importorskip("matplotlib.image", reason=NO_PICTURES)
        folder, done = trained
        assert "The picture is in mnist_mlp.png." in done.stdout
        picture = folder / "mnist_mlp.png"
        content = picture.read_bytes()
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        assert struct.unpack(">II", content[16:24]) == (1400, 1340)
        pixels = np.round(255 * image.imread(picture)[..., :3])
        for colour in [(0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)]:
            # The curves alone paint a few thousand pixels in each colour above the digits.
            assert (pixels[500:1100] == colour).all(axis=-1).sum() > 2000

    def test_only_the_picture_is_left_in_the_folder(self, trained):
        pytest.importorskip("matplotlib", reason=NO_PICTURES)
        folder, _ = trained
        assert sorted(path.name for path in folder.iterdir()) == ["mnist_mlp.png", "replaced"]

    def test_without_matplotlib_one_sentence_says_what_to_install(self, tmp_path):
        done = run_example(
            tmp_path,
            "mnist_mlp.py",
            *["--epochs", "1", "--data", "digits", "--optimizer", "adam", "--plot", "a.png"],
            modules={"matplotlib": MISSING},
        )
        assert done.returncode == 0, done.stderr
        last = done.stdout.splitlines()[-1]
        assert last == "The picture needs matplotlib: `pip install matplotlib` brings it."
        assert "Data: the embedded digits, as asked for." in done.stdout
        assert not (tmp_path / "a.png").exists()

    def test_no_plot_does_not_import_matplotlib(self, tmp_path):
        done = run_example(
            tmp_path,
            "mnist_mlp.py",
            *["--epochs", "1", "--data", "digits", "--no-plot"],
            modules={"matplotlib": "raise RuntimeError('imported')"},
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-1].startswith("Test accuracy: ")

    def test_mnist_that_is_asked_for_and_not_there_is_one_sentence_and_status_1(self, tmp_path):
        done = run_example(tmp_path, "mnist_mlp.py", "--data", "mnist")
        assert (done.returncode, done.stdout) == (1, "")
        assert re.fullmatch(r"MNIST cannot be had\. .*no-such-file\.npz.*\n", done.stderr)

    def test_a_file_that_is_not_mnist_gives_the_digits_too(self, tmp_path):
        (tmp_path / "page.html").write_text("Please log in to this network.")
        done = run_example(
            tmp_path,
            "mnist_mlp.py",
            *["--epochs", "1", "--no-plot"],
            variables={"MINIDENSE_MNIST": "page.html"},
        )
        assert done.returncode == 0, done.stderr
        assert re.match(r"Data: the embedded digits, since .* is not MNIST: ", done.stdout)

    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            (["--optimizer", "rmsprop"], "argument --optimizer: invalid choice: 'rmsprop'"),
            (["--data", "cifar"], "argument --data: invalid choice: 'cifar'"),
            (["--epochs", "0"], "argument --epochs: expected a whole number from 1"),
            (["--batch-size", "many"], "argument --batch-size: expected a whole number from 1"),
            (["--seed=-1"], "argument --seed: expected a whole number from 0 to 4294967295"),
            (["--seed", "4294967296"], "argument --seed: expected a whole number from 0"),
            (["--plot", "nowhere/a.png"], "argument --plot: there is no folder 'nowhere'"),
            (["--plot", "a.png", "--no-plot"], "not allowed with argument"),
        ],
        ids=lambda value: " ".join(value) if isinstance(value, list) else "",
    )
    def test_a_wrong_option_gives_status_2_and_names_the_option(self, tmp_path, options, sentence):
        done = run_example(tmp_path, "mnist_mlp.py", *options)
        assert (done.returncode, done.stdout) == (2, "")
        assert sentence in done.stderr


class TestKerasModelsTour:
    def test_it_shows_fifteen_stations_each_with_a_reason(self, tour):
        assert tour.returncode == 0, tour.stderr
        assert tour.stderr == ""
        numbers = re.findall(r"^(\d+)\. ", tour.stdout, re.M)
        assert numbers == [str(number) for number in range(1, 16)]
        assert len(re.findall(r"^Why: ", tour.stdout, re.M)) == 15

    @pytest.mark.parametrize(
        ("code", "answer"),
        [
            ("model(np.ones((2, 2, 2)))", "ValueError: Invalid input shape"),
            ("model(np.ones((2, 2, 3)))", "float32 (2, 2, 2)"),
            ("model.count_params()", "8"),
            ("[layer.count_params() for layer in model.layers]", "[6, 3]"),
            ('flatten(np.zeros((5, 28, 28), "uint8"))', "uint8 (5, 784)"),
            ("flatten(np.arange(3))", "int64 (3, 1)"),
            ("dense(np.ones(2))", "ValueError: Input of layer 'dense' is incompatible"),
            ("len(model.layers), len(model.weights), model.count_params()", "(2, 2, 12)"),
            ("np.sum(probabilities, axis=-1)", "float32 (1, 2) [[1., 1.]]"),
        ],
        ids=lambda text: text[:40],
    )
    def test_the_claims_about_shapes_are_settled_by_a_run(self, tour, code, answer):
        assert f">>> {code}\n    {answer}" in tour.stdout

    def test_deprecated_input_shapes_are_shown_with_their_warnings(self, tour):
        assert "    UserWarning: Argument `input_shape` is deprecated. Use `shape`" in tour.stdout
        assert tour.stdout.count("    UserWarning: Do not pass an `input_shape`") == 2

    def test_no_line_of_the_tour_fails_by_a_slip_of_its_own(self, tour):
        errors = set(re.findall(r"^    (\w+Error)", tour.stdout, re.M))
        assert errors == {"ValueError"}

    def test_a_missing_keras_is_one_sentence_and_status_1(self, tmp_path):
        done = run_example(tmp_path, "keras_models_tour.py", "--keras", modules={"keras": MISSING})
        assert (done.returncode, done.stdout) == (1, "")
        assert re.fullmatch(
            r'Keras is missing \(.*\): pip install "minidense\[parity\]" brings it\.\n', done.stderr
        )

    def test_a_library_that_answers_the_same_agrees_everywhere(self, tmp_path):
        stand_in = "from minidense import *\n__version__ = 'stand-in'"
        done = run_example(tmp_path, "keras_models_tour.py", "--keras", modules={"keras": stand_in})
        assert done.returncode == 0, done.stderr
        assert done.stdout.endswith("Keras stand-in agrees at all 15 stations.\n")
        assert "DIFFERS" not in done.stdout

    def test_a_library_with_another_flatten_differs_where_flatten_is_used(self, tmp_path):
        stand_in = (
            "import types\n"
            "from minidense import *\n"
            "__version__ = 'stand-in'\n"
            "layers = types.SimpleNamespace(**vars(layers))\n"
            "layers.Flatten = lambda: layers.Activation('linear')\n"
        )
        done = run_example(tmp_path, "keras_models_tour.py", "--keras", modules={"keras": stand_in})
        assert done.returncode == 1
        assert done.stderr == "Keras stand-in DIFFERS at 2 of 15 stations: 7, 8.\n"
        assert "    Keras     DIFFERS  uint8 (5, 28, 28)\n" in done.stdout

    @pytest.mark.parametrize(
        ("first", "second", "expected"),
        [
            (np.float32([1, 2]), np.float32([1, 2.00001]), True),
            (np.float32([1, 2]), np.float32([1, 2.0001]), False),
            (np.float32([1, 2]), np.float64([1, 2]), False),
            (np.float32([1, 1]), np.float32([1]), False),
            ([1.0, 2.0], [1.0, 2.0001], False),
            ({"loss": [1.0]}, {"loss": [1.0]}, True),
            ({"loss": [1.0]}, {"loss": [1.0], "mae": [1.0]}, False),
            ({"loss": [1.0]}, {"loss": [1.1]}, False),
            ((None, 2), (None, 2), True),
            ((None, 2), (None, 3), False),
            (None, np.float32([1]), False),
            (np.float32([1]), None, False),
            (None, {"loss": [1.0]}, False),
        ],
    )
    def test_values_agree_up_to_rounding_and_no_further(self, first, second, expected):
        assert load_tour().same_value(first, second) is expected

    def test_an_answer_differs_by_the_class_of_an_error_or_a_warning_alone(self):
        tour = load_tour()
        fine = tour.Answer(None, None, [])
        assert tour.same(fine, fine)
        assert tour.same(
            tour.Answer(None, ValueError("a"), []), tour.Answer(None, ValueError("b"), [])
        )
        assert not tour.same(
            tour.Answer(None, ValueError("a"), []), tour.Answer(None, TypeError("a"), [])
        )
        assert not tour.same(fine, tour.Answer(None, None, [UserWarning("a")]))

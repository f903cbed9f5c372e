"""The benchmarks: that they measure what they say. How long things take is not asked here."""

import doctest
import importlib.metadata
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import minidense as keras
from benchmarks import __main__ as command
from benchmarks import referee, report, results, targets, worker
from benchmarks.contenders import CONTENDERS, ON_CPU, Contender, floor, keras_script, numpy_loop
from benchmarks.costs import Cost, installed_megabytes
from benchmarks.results import Result, Table
from benchmarks.workloads import FIT, GROWTH, PREDICT, Workload, data

TINY = Workload("tiny", hidden=(6, 5), batch=4, rows=10, shape=(7,))
DEEP = replace(TINY, shape=(3, 7))


class CountedProducts(np.ndarray):
    """An array that notes the shapes of each product it takes part in."""

    seen: list[tuple[tuple[int, ...], tuple[int, ...]]] = []  # noqa: RUF012 - shared on purpose

    def __matmul__(self, other: np.ndarray) -> np.ndarray:
        self.seen.append((self.shape, other.shape))
        return (np.asarray(self) @ np.asarray(other)).view(CountedProducts)


class CountedNumbers:
    """In place of a random generator: its numbers count their products too."""

    def standard_normal(self, shape, dtype):
        return np.ones(shape, dtype).view(CountedProducts)


def products_of(workload: Workload, monkeypatch) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    x, y = data(workload)
    CountedProducts.seen.clear()
    with monkeypatch.context() as patches:
        patches.setattr(np.random, "default_rng", lambda seed: CountedNumbers())
        work = floor.prepare(workload, (x.view(CountedProducts), y), "", "cpu")
    work()
    return list(CountedProducts.seen)


def test_the_floor_makes_the_products_of_a_step_and_skips_the_first_input_gradient(monkeypatch):
    seen = products_of(replace(TINY, rows=4), monkeypatch)
    forward = [((4, 7), (7, 6)), ((4, 6), (6, 5)), ((4, 5), (5, 10))]
    backward = [
        ((5, 4), (4, 10)),
        ((4, 10), (10, 5)),
        ((6, 4), (4, 5)),
        ((4, 5), (5, 6)),
        ((7, 4), (4, 6)),
    ]
    assert seen == forward + backward


def test_the_floor_works_on_the_last_axis_of_rank_3(monkeypatch):
    seen = products_of(replace(DEEP, rows=4), monkeypatch)
    assert seen[:3] == [((12, 7), (7, 6)), ((12, 6), (6, 5)), ((4, 15), (15, 10))]


def test_the_floor_goes_through_a_short_last_batch(monkeypatch):
    seen = products_of(TINY, monkeypatch)
    assert len(seen) == 3 * 8
    assert seen[-1] == ((7, 2), (2, 6))


@pytest.mark.parametrize("workload", [TINY, DEEP])
def test_the_loop_by_hand_has_minidenses_outputs(workload):
    network = numpy_loop.Network(workload)
    model = keras_script.mlp(keras, workload)
    model.set_weights(network.weights)
    x, _ = data(workload)
    # 1e-6: the same products in another order of sums; 1.8e-7 was measured
    np.testing.assert_allclose(network.outputs(x), model(x), rtol=1e-6)


class NothingDropped:
    """In place of a random generator: all numbers are 1."""

    def random(self, shape, dtype):
        return np.ones(shape, dtype)


@pytest.mark.parametrize("workload", [TINY, DEEP])
def test_the_loop_by_hand_has_the_gradient_of_its_loss(workload):
    network = numpy_loop.Network(workload)
    network.random = NothingDropped()
    network.weights = [weight.astype("float64") for weight in network.weights]
    x, y = data(workload)
    x = x.astype("float64")
    _, gradients = network.gradients(x, y)

    def loss():
        probabilities, _ = network.gradients(x, y)
        return -np.log(probabilities[np.arange(len(y)), y]).mean()

    for weight, gradient in zip(network.weights, gradients, strict=True):
        place = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
        kept = weight[place]
        weight[place] = kept + 1e-6
        above = loss()
        weight[place] = kept - 1e-6
        below = loss()
        weight[place] = kept
        # 1e-7: the scales 1/0.8 and 1/rows are float32 numbers; 1.7e-8 was measured
        assert (above - below) / 2e-6 == pytest.approx(gradient[place], rel=1e-7)


@pytest.mark.parametrize("optimizer", ["sgd", "momentum", "adam"])
def test_the_loop_by_hand_learns(optimizer):
    workload = replace(TINY, rows=400, optimizer=optimizer, shape=(40,), hidden=(30,))
    epoch = numpy_loop.prepare(workload, data(workload), "", "cpu")
    first = epoch()
    for _ in range(30):
        last = epoch()
    assert last < 0.8 * first


@pytest.mark.parametrize("workload", [*FIT, *PREDICT], ids=lambda workload: workload.name)
def test_minidense_does_every_workload(workload):
    small = replace(workload, rows=min(workload.rows, 2), hidden=workload.hidden)
    result = CONTENDERS["minidense"].prepare(small, data(small))()
    if workload.kind == "fit":
        assert 0 < result < 10
    else:
        assert result.shape == (small.rows, 10)


def test_a_curve_doubles_one_thing():
    for name, workloads in GROWTH.items():
        numbers = [int(workload.name.split("-")[1]) for workload in workloads]
        assert [2 * number for number in numbers[:-1]] == numbers[1:]
        for number, workload in zip(numbers, workloads, strict=True):
            values = {
                "width": workload.hidden[0],
                "depth": len(workload.hidden),
                "batch": workload.batch,
                "rows": workload.rows,
            }
            assert values[name] == number


def test_a_ratio_is_the_median_of_the_ratios_of_rounds():
    ours = Result("fit", "minidense", [1.0, 10.0, 1.0])
    theirs = Result("fit", "torch-loop", [2.0, 30.0, 4.0])
    assert Table([ours, theirs]).ratio("fit", "torch-loop") == 3.0
    assert Table([ours]).ratio("fit", "torch-loop") is None
    assert (
        Table([ours, Result("fit", "torch-loop", failure="it broke")]).ratio("fit", "torch-loop")
        is None
    )


@pytest.mark.parametrize(
    ("workload", "contender", "seconds", "reached"),
    [
        ("fit-batch-32", "keras-tensorflow", 8.1, True),
        ("fit-batch-32", "keras-tensorflow", 7.9, False),
        ("fit-batch-32", "floor", 0.53, True),  # 1 / 0.53 is below 1.9
        ("fit-batch-32", "floor", 0.52, False),
        ("fit-width-512", "torch-loop", 1.01, True),
        ("fit-width-512", "torch-loop", 0.99, False),
    ],
)
def test_a_verdict_compares_with_the_bound(workload, contender, seconds, reached):
    table = Table([Result(workload, "minidense", [1.0]), Result(workload, contender, [seconds])])
    verdicts = targets.verdicts(table, [])
    assert [verdict.reached for verdict in verdicts] == [reached]


def test_a_verdict_on_imports_subtracts_numpys_own():
    costs = [Cost("numpy", 50, [0.1], [30]), Cost("minidense", 51, [0.125], [41])]
    found = {verdict.asked: verdict for verdict in targets.verdicts(Table([]), costs)}
    assert found["import, after NumPy's own: ms"].found == "25"
    assert found["import, after NumPy's own: ms"].reached
    assert found["import, after NumPy's own: MB"].found == "11.0"
    assert not found["import, after NumPy's own: MB"].reached


def test_every_target_names_a_workload_and_a_contender_that_exist():
    workloads = {workload.name for workload in (*FIT, *PREDICT)}
    named = [*targets.FASTER_THAN, *((name, "floor") for name in targets.FLOORS)]
    named += [(name, "minidense") for name in targets.SECONDS]
    assert {workload for workload, _ in named} <= workloads
    assert {contender for _, contender in named} <= set(CONTENDERS)


def test_one_who_is_not_installed_is_named_with_the_pip_install():
    absent = Contender("nobody", "nobody", needs=("no_such_package",), install="no-such-package")
    sentence = absent.missing()
    assert sentence is not None
    assert "python -m pip install no-such-package" in sentence
    assert CONTENDERS["minidense"].missing() is None


def test_each_contender_with_needs_says_how_to_install_them():
    assert all(contender.install for contender in ON_CPU if contender.needs)


@pytest.mark.skipif(
    not list(importlib.metadata.distributions(name="minidense")),
    reason="what is installed is measured, and minidense is not: python -m pip install -e .",
)
def test_what_is_installed_counts_what_is_required():
    ours = installed_megabytes(["minidense"])
    assert ours > installed_megabytes(["numpy"]) > 10


def test_the_doctests_of_the_benchmarks_hold():
    for module in (results, report):
        assert doctest.testmod(module).attempted > 0
        assert doctest.testmod(module).failed == 0


def state_of(process: int) -> str:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the state is read from /proc")
def test_a_contender_is_stopped_when_it_is_not_its_turn():
    with referee.workers([CONTENDERS["floor"]], threads=1) as (process,):
        process.ask(prepare=TINY.as_json())
        process.ask(work=1)
        deadline = time.monotonic() + 60
        while state_of(process.process.pid) != "T":  # the signal is on its way
            assert time.monotonic() < deadline
        assert process.ask(work=2)["seconds"] > 0
    assert process.process.returncode is not None


def test_who_fails_is_left_out_and_the_others_go_on():
    pair = [CONTENDERS["minidense"], CONTENDERS["floor"]]
    unknown = replace(TINY, optimizer="no such rule")  # which the floor does not ask for
    with referee.workers(pair, threads=1) as workers:
        failed, worked = referee.compare(unknown, workers, rounds=2)
        assert not failed.seconds
        assert "KeyError" in failed.failure
        assert len(worked.seconds) == 2
        assert all(result.seconds for result in referee.compare(TINY, workers, rounds=1))


def test_a_run_writes_text_numbers_and_pictures(tmp_path, capsys, monkeypatch):
    pytest.importorskip(
        "matplotlib", reason='pictures need matplotlib: python -m pip install -e ".[plot]"'
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(Path(command.__file__).parents[1]))
    asked = ["fit-batch-32", "one-call", "memory", "--quick"]
    command.main([*asked, "--contenders", "minidense", "floor", "--threads", "1", "--out", "out"])
    text = (tmp_path / "out" / "RESULTS.md").read_text(encoding="utf-8")
    assert text in capsys.readouterr().out
    assert "python -m benchmarks fit-batch-32 one-call memory --quick" in text
    numbers = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    assert [result["workload"] for result in numbers["results"]] == ["fit-batch-32"] * 2 + [
        "one-call"
    ] * 2
    assert numbers["memory"][0]["contender"] == "minidense"
    assert (tmp_path / "out" / "ratios.png").stat().st_size > 1000


def test_an_unknown_name_is_answered_with_those_that_exist(capsys):
    with pytest.raises(SystemExit):
        command.main(["fit-batch-33"])
    message = capsys.readouterr().err
    assert "fit-batch-33" in message
    assert "fit-batch-32" in message


def test_the_memory_of_minidense_is_flat_over_many_single_predictions():
    (workload,) = (workload for workload in PREDICT if workload.name == "one-call")
    work = CONTENDERS["minidense"].prepare(workload, data(workload))
    answer = worker.remembered(work, 5_000, limit=60)
    assert answer["calls"] == 5_000
    assert len(answer["megabytes"]) == worker.READINGS
    assert answer["megabytes"][-1] - answer["megabytes"][0] < 0.5


def test_the_memory_is_read_after_each_tenth_of_the_calls(monkeypatch):
    calls = []
    monkeypatch.setattr(worker, "megabytes", lambda: float(len(calls)))
    answer = worker.remembered(lambda: calls.append(1), 50, limit=60)
    assert answer["megabytes"] == [5.0 * tenth for tenth in range(1, 11)]
    assert answer["calls"] == 50


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="it is read from /proc")
def test_megabytes_see_what_is_in_use():
    before = worker.megabytes()
    kept = np.ones(12_500_000)  # 100 MB: more than what minidense lets the process keep
    assert 99 < worker.megabytes() - before < 102
    del kept
    assert worker.megabytes() - before < 2


def test_one_who_dies_in_a_round_is_left_out_of_the_next_ones():
    pair = [CONTENDERS["minidense"], CONTENDERS["floor"]]
    with referee.workers(pair, threads=1) as (dying, living):
        ask, asked = dying.ask, []

        def killed_in_its_first_round(**question):
            asked.append(question)
            if len(asked) == 3:  # prepare, the uncounted time, the round
                dying.process.kill()
            return ask(**question)

        dying.ask = killed_in_its_first_round
        died, lived = referee.compare(TINY, [dying, living], rounds=2)
    assert "exit status -9" in died.failure
    assert len(lived.seconds) == 2
    assert len(asked) == 3


def test_a_gpu_is_hidden_from_the_rows_on_the_processor_and_left_to_those_on_a_gpu():
    on_cpu, on_gpu = (referee.environment(2, device) for device in ("cpu", "gpu"))
    hiding = {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
    assert hiding.items() <= on_cpu.items()
    assert not hiding.keys() & on_gpu.keys()
    assert on_cpu["OPENBLAS_NUM_THREADS"] == on_gpu["OPENBLAS_NUM_THREADS"] == "2"


def test_a_gpu_is_no_peer_on_this_processor():
    names = ["minidense", "torch-loop", "torch-loop-gpu"]
    seconds = [1.0, 2.0, 0.1]
    table = Table([Result("fit-width-512", n, [s]) for n, s in zip(names, seconds, strict=True)])
    assert [verdict.reached for verdict in targets.verdicts(table, [])] == [True]


def test_numbers_that_are_none_are_written_as_text():
    assert report.without_nan({"a": [1.0, float("nan")]}) == {"a": [1.0, "nan"]}


def test_a_quick_run_has_a_fiftieth_of_the_rows_but_a_whole_batch():
    small = {workload.name: workload for workload in command.chosen(["fit", "growth"], True)}
    assert small["fit-batch-32"].rows == 1_200
    assert small["fit-batch-1024"].rows == 1_200
    assert small["fit-width-2048"].rows == 64
    assert "rows-4000" in small
    assert "rows-8000" not in small

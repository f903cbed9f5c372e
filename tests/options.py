"""The options of a run of the tests, which tests are about parity, and what a run says of itself.

pytest loads it by name (`addopts` in pyproject.toml) and not as a conftest.py: it does not know the
options yet when it looks for these, and takes the folder of an earlier report for a path of tests.
So the tests are run by `python -m pytest`, in the folder of the repository.

The options are handed on as environment variables, since Keras reads its backend from one when it
is first imported, and so do the modules of tests.
"""

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests import expected
from tests.profiles import PROFILES, active, seed
from tests.reference import is_parity, missing
from tests.report.hooks import Reporting

# how long an example takes is no part of any claim: on a busy machine it is anything
settings.register_profile("minidense", deadline=None)
settings.load_profile("minidense")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say what the parity tests can be asked for."""
    group = parser.getgroup("parity", "minidense held to Keras")
    group.addoption(
        "--parity-profile", choices=sorted(PROFILES), help="how many models and calls are drawn"
    )
    group.addoption("--parity-seed", type=int, help="what is drawn; 0 unless given")
    group.addoption(
        "--keras-backend",
        choices=["tensorflow", "jax", "torch"],
        help="what Keras computes with; TensorFlow, the reference, unless given",
    )
    group.addoption(
        "--keras-device", choices=["cpu", "gpu"], help="where Keras computes; the CPU unless given"
    )
    group.addoption(
        "--parity-report",
        metavar="DIR",
        help="where to write report.html, report.md, report.json; a folder that is there, and "
        "outside of the repository, needs --parity-report=DIR",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Hand the options on, before anything imports Keras."""
    for option, variable in {
        "parity_profile": "MINIDENSE_PARITY_PROFILE",
        "parity_seed": "MINIDENSE_PARITY_SEED",
        "keras_backend": "KERAS_BACKEND",
        "keras_device": "MINIDENSE_PARITY_DEVICE",
    }.items():
        value = config.getoption(option)
        if value is not None:
            os.environ[variable] = str(value)
    if config.getoption("dist", "no") != "no":  # several processes share the cores out already
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    config.pluginmanager.register(Reporting(config), "parity-report")


def pytest_report_header() -> list[str]:
    """Say which Keras is asked, and what is drawn; or that the parity tests are left out."""
    if missing():
        named = " and ".join(missing())
        return [f"the parity tests (*_parity.py) are left out: {named} cannot be imported"]
    return [
        f"parity: Keras {expected.keras_version()} on {expected.backend()}, {expected.device()}; "
        f"--parity-profile {active().name} --parity-seed {seed()}"
    ]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the files that import Keras where there is none, or where it is not asked for."""
    if not is_parity(collection_path.name):
        return None
    return True if missing() or config.getoption("markexpr") == "not parity" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the parity tests, and let one that is known to fail with this Keras fail."""
    for item in items:
        if is_parity(item.nodeid):
            item.add_marker(pytest.mark.parity)
            let_pass_what_backends_warn_of(item)
        reason = None if missing() else expected.reason_for_test(item.nodeid)
        if reason:
            # not strict: a pattern may name a group of which some cases pass on one version
            item.add_marker(pytest.mark.xfail(reason=reason, strict=False))


def let_pass_what_backends_warn_of(item: pytest.Item) -> None:
    """Let pass what Keras's other backends warn of by themselves, with NumPy 2.4."""
    if expected.backend() != "tensorflow":
        for words in ("__array__ implementation", "__array_wrap__ must accept"):
            item.add_marker(pytest.mark.filterwarnings(f"ignore:{words}:DeprecationWarning"))

"""The options of a run of the tests, and what it says of itself.

The options are handed on as environment variables, since Keras reads its backend from one when it
is first imported, and so do the modules of tests.
"""

import os

import pytest

from tests import expected
from tests.profiles import PROFILES, active, seed
from tests.reference import missing
from tests.report.hooks import Reporting


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say what the parity suite can be asked for."""
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
        "--parity-report", metavar="DIR", help="where to write report.html, report.md, report.json"
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
        return [f"tests/parity is left out: {' and '.join(missing())} cannot be imported"]
    return [
        f"parity: Keras {expected.keras_version()} on {expected.backend()}, {expected.device()}; "
        f"--parity-profile {active().name} --parity-seed {seed()}"
    ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a test that is known to fail with this Keras fail, with the reason."""
    for item in [] if missing() else items:
        reason = expected.reason_for_test(item.nodeid)
        if reason:
            # not strict: a pattern may name a group of which some cases pass on one version
            item.add_marker(pytest.mark.xfail(reason=reason, strict=False))

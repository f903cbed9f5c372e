"""What a run of the tests says of itself."""

from tests.reference import MISSING


def pytest_report_header() -> list[str]:
    """Say in one line that the parity tests are left out, if they are."""
    if not MISSING:
        return []
    return [f"tests/parity is left out: {' and '.join(MISSING)} cannot be imported"]

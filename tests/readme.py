"""The README's listings: what its code prints is what stands below it.

python -m tests.readme      # write them anew
"""

import io
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import minidense

README = Path(__file__).parents[1] / "README.md"
PRINTED = re.compile(
    r"(<!-- printed: (\w+) -->\n```python\n(.*?)```\n.*?```text\n)(.*?)```\n", re.DOTALL
)


def listings(text: str) -> Iterator[tuple[str, str, str]]:
    """Yield for each listing its name, what stands there, and what the code prints, in order."""
    minidense.utils.clear_session()  # automatic names begin anew
    names: dict[str, Any] = {}
    for found in PRINTED.finditer(text):
        with redirect_stdout(io.StringIO()) as printed:
            exec(found[3], names)
        yield found[2], found[4], printed.getvalue()


def written_anew(text: str) -> str:
    """Return a README with the listings as they are now."""
    prints = iter([printed for _, _, printed in listings(text)])
    return PRINTED.sub(lambda found: f"{found[1]}{next(prints)}```\n", text)


if __name__ == "__main__":
    README.write_text(written_anew(README.read_text(encoding="utf-8")), encoding="utf-8")

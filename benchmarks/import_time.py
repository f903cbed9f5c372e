"""`import minidense` beside `import numpy`, each in a process of its own.

    python -m benchmarks.import_time

Both are run in turn, and the medians of several rounds are compared, as a ratio.
"""

import argparse
import os
import statistics
import subprocess
import sys

TIMED_IMPORT = """
import time
start = time.perf_counter()
import {module}
print(time.perf_counter() - start)
"""


def seconds_to_import(module: str) -> float:
    """Time one import in a fresh process, which may keep and use compiled files as usual."""
    command = [sys.executable, "-c", TIMED_IMPORT.format(module=module)]
    env = {name: os.environ[name] for name in os.environ if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=env)
    return float(done.stdout)


def measure(rounds: int) -> float:
    """Import both in turn, print the medians, return their ratio."""
    modules = ("numpy", "minidense")
    times: dict[str, list[float]] = {module: [] for module in modules}
    for module in modules:
        seconds_to_import(module)  # once without counting: files get into the cache
    for _ in range(rounds):
        for module in modules:
            times[module].append(seconds_to_import(module))
    for module, seconds in times.items():
        print(f"import {module:10} {statistics.median(seconds) * 1000:6.1f} ms")
    pairs = zip(times["minidense"], times["numpy"], strict=True)
    ratio = statistics.median(ours / theirs for ours, theirs in pairs)
    print(f"import minidense / import numpy: {ratio:.2f} (median of {rounds} rounds)")
    return ratio


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    measure(parser.parse_args().rounds)


if __name__ == "__main__":
    main()

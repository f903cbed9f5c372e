"""The process of one contender: it makes ready, and works when it is told to.

    python -m benchmarks.worker CONTENDER

It reads a JSON object a line and answers with one. `{"prepare": workload}` is answered with
`{"ready": true}`, `{"work": times}` with the seconds of that many repetitions and what the work
returned, `{"remember": calls, "seconds": limit}` with the memory in use as calls are made. What
goes wrong is answered with `{"error": text}`.
"""

import gc
import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any, TextIO

from benchmarks.contenders import CONTENDERS, Contender, Work
from benchmarks.workloads import Workload, data

READINGS = 10  # of the memory


def main() -> None:
    """Answer line by line. Other output, such as a library's, goes to standard error."""
    on_processors(int(os.environ["OMP_NUM_THREADS"]))
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    serve(CONTENDERS[sys.argv[1]], sys.stdin, answers)


def on_processors(threads: int) -> None:
    """Keep this process to so many processors: JAX has a thread for each that it may use."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def serve(contender: Contender, questions: TextIO, answers: TextIO) -> None:
    """Answer each question until there are no more."""
    work: Work | None = None
    for line in questions:
        question = json.loads(line)
        answer: dict[str, Any]
        try:
            if "prepare" in question:
                work = None
                gc.collect()
                workload = Workload.from_json(question["prepare"])
                work = contender.prepare(workload, data(workload))
                answer = {"ready": True}
            elif work is None:
                answer = {"error": "nothing was prepared"}
            elif "work" in question:
                answer = repeated(work, question["work"])
            else:
                answer = remembered(work, question["remember"], question["seconds"])
        except Exception:
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def repeated(work: Work, times: int) -> dict[str, Any]:
    """Do the work so many times; return the seconds of all of them, and the last loss."""
    begin = time.perf_counter()
    for _ in range(times):
        result = work()
    seconds = time.perf_counter() - begin
    return {"seconds": seconds, "loss": result if isinstance(result, float) else None}


def remembered(work: Work, calls: int, limit: float) -> dict[str, Any]:
    """Make calls, at most for so many seconds; return the megabytes in use on the way.

    The first tenth of the calls comes before the first reading: caches fill then.
    """
    begin = time.perf_counter()
    readings: list[float] = []
    done = 0
    for _ in range(READINGS):
        while done < calls * (len(readings) + 1) // READINGS:
            work()
            done += 1
            if time.perf_counter() - begin > limit * (len(readings) + 1) / READINGS:
                break
        readings.append(megabytes())
    return {"calls": done, "megabytes": readings, "seconds": time.perf_counter() - begin}


def megabytes() -> float:
    """Return the memory of this process that is in use now.

    On macOS it is the most that was in use so far, on Windows 0: nothing there tells without more
    packages.
    """
    status = Path("/proc/self/statm")
    if status.exists():
        return int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    try:
        import resource
    except ImportError:
        return 0.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    main()

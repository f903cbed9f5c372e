"""Each contender in a process of its own, woken in turn: A B C, A B C, and so on.

Between its turns a process is stopped (SIGSTOP), so that no thread of it spins or tidies up while
another one is timed. All are told the same number of threads; on Linux all are kept to as many
processors, too, since JAX has a thread for each that it may use.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.contenders import Contender
from benchmarks.results import Result
from benchmarks.workloads import Workload

SHORT = 0.2  # seconds: quicker work is repeated for about so long, each time it is timed


class Worker:
    """The process of a contender."""

    def __init__(self, contender: Contender, threads: int) -> None:
        self.contender = contender
        # open as long as the process lives, which writes to it
        self.errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.worker", contender.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            env={**os.environ, **environment(threads, contender.device)},
        )

    def ask(self, **question: Any) -> dict[str, Any]:
        """Wake the process, let it work, and stop it again.

        Raises:
            RuntimeError: with what the process said, if the work failed or the process died.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.signal("SIGCONT")
        try:
            self.process.stdin.write(json.dumps(question) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise RuntimeError(self.last_words())
        self.signal("SIGSTOP")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"{self.contender.name}: {answer['error']}")
        return answer

    def last_words(self) -> str:
        """Say how the process ended, with the last line that it wrote to standard error."""
        code = self.process.wait()
        self.errors.seek(0)
        *_, last = ["", *filter(None, self.errors.read().splitlines())]
        return f"{self.contender.name} ended with exit status {code}. {last}".rstrip()

    def signal(self, name: str) -> None:
        if hasattr(signal, name):  # not on Windows, where processes just wait
            self.process.send_signal(getattr(signal, name))

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()
        self.errors.close()


def environment(threads: int, device: str) -> dict[str, str]:
    """Return the settings that all contenders run under."""
    count = str(threads)
    settings = {
        "OMP_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "TF_NUM_INTRAOP_THREADS": count,
        "TF_NUM_INTEROP_THREADS": count,
        "VECLIB_MAXIMUM_THREADS": count,
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    if device == "cpu":
        return settings | {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
    # Several processes share the GPU, so none may take all of its memory at the start. JAX takes a
    # GPU by itself; told to, where it has no plugin, it fails without a word.
    return settings | {
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    }


@contextmanager
def workers(contenders: Iterable[Contender], threads: int) -> Iterator[list[Worker]]:
    """Start a process for each, and end them all."""
    started: list[Worker] = []
    try:
        for contender in contenders:
            started.append(Worker(contender, threads))
        yield started
    finally:
        for worker in started:
            worker.end()


def compare(workload: Workload, contenders: list[Worker], rounds: int) -> list[Result]:
    """Let all do the work in turn, so many rounds; return what each needed.

    Who fails is left out of the rounds that follow, and its result says why.
    """
    taking_part = [worker for worker in contenders if worker.contender.takes(workload)]
    results = {worker: Result(workload.name, worker.contender.name) for worker in taking_part}
    repetitions = {}
    for worker, result in results.items():
        try:
            repetitions[worker] = make_ready(worker, workload)
        except RuntimeError as error:
            result.failure = str(error)
    for _ in range(rounds):
        for worker in list(repetitions):
            times = repetitions[worker]
            try:
                answer = worker.ask(work=times)
            except RuntimeError as error:
                results[worker].failure = str(error)
                del repetitions[worker]
                continue
            results[worker].seconds.append(answer["seconds"] / times)
            results[worker].losses.append(answer["loss"])
    return list(results.values())


def make_ready(worker: Worker, workload: Workload) -> int:
    """Prepare the work and do it some times, uncounted; return how often to do it in a round.

    The first time compiles, and fills caches.
    """
    worker.ask(prepare=workload.as_json())
    worker.ask(work=1)
    if workload.kind == "fit":
        return 1
    once = min(worker.ask(work=1)["seconds"] for _ in range(3))
    return max(1, round(SHORT / once))


def memories(
    workload: Workload, contenders: list[Worker], calls: int, patience: float
) -> list[dict[str, Any]]:
    """Let each make so many calls, and read its memory on the way."""
    found = []
    for worker in contenders:
        if worker.contender.takes(workload) and worker.contender.name != "floor":
            answer: dict[str, Any]
            try:
                worker.ask(prepare=workload.as_json())
                answer = worker.ask(remember=calls, seconds=patience)
            except RuntimeError as error:
                answer = {"failure": str(error)}
            found.append({"contender": worker.contender.name, **answer})
    return found

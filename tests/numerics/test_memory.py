"""What a step of training frees is there for the next one, without asking the system again."""

import platform
import subprocess
import sys
import tracemalloc

import pytest

from minidense.numerics.memory import keep_freed_memory

FAULTS_OF_A_STEP = """
import resource
import numpy as np, minidense as keras
model = keras.Sequential([keras.Input((784,)), keras.layers.Dense(512), keras.layers.Dense(10)])
model.compile("adam", "mse")
x, y = np.ones((1600, 784), "float32"), np.ones((1600, 10), "float32")
model.fit(x, y, verbose=0)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
model.fit(x, y, verbose=0)
print((resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / 50)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="It is glibc that learns this.")
def test_a_step_of_training_makes_no_page_faults():
    """In a process of its own, since what was freed before decides."""
    command = [sys.executable, "-c", FAULTS_OF_A_STEP]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert float(done.stdout) < 10  # 0 to 2 were counted, and 752 without


def test_the_block_that_is_made_and_let_go_is_the_largest_that_the_c_library_learns_from():
    tracemalloc.start()
    try:
        keep_freed_memory()
        kept, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 2**25 - 2**17 < most < 2**25  # the C library's limit counts a header and whole pages
    assert kept < 2**17

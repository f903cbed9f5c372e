"""Values as Python text, as a user would type them.

A value must not hold "; ": what stands before the last one prepares a call.
"""

ANYTHING = (
    "None",
    "True",
    "'nope'",
    "''",
    "b'nope'",
    "0",
    "-1",
    "7",
    "2.5",
    "-0.5",
    "1e30",
    "float('nan')",
    "float('inf')",
    "2j",
    "()",
    "[]",
    "{}",
    "[1]",
    "('nope',)",
    "[[1.0, 2.0], [3.0]]",
    "{'nope': 1}",
    "object()",
    "np.int64(2)",
    "np.float32(0.5)",
    "np.ones(3)",
    "np.ones((2, 4), 'float32')",
    "np.array('nope')",
    "np.array([None, 1], dtype=object)",
    "Dense",
    "len",
    "X",
)
"""Things of every kind: for most arguments, most of them have no meaning."""

SMALL = tuple(value for value in ANYTHING if value not in ("1e30", "float('inf')"))
"""For counts that a loop runs to."""

DTYPES = ("float32", "float64", "int32", "int64", "uint8", "bool", "complex64", "object", "str")
FILLS = ("1", "0", "-1", "3", "0.5", "1e30", "np.nan", "np.inf")
SIZES = (0, 1, 2, 3, 4, 5, 8, 31, 32)


def array(shape: tuple[int, ...], fill: str = "1", dtype: str = "float32") -> str:
    """Return the text of an array of one number."""
    if fill in ("np.nan", "np.inf", "0.5", "1e30", "-1") and dtype[0] in "iub":
        dtype = "float64"
    return f"np.full({shape}, {fill}).astype('{dtype}')"

"""What `model.summary()` prints.

`layer_table` says what stands in it, `table` draws it, `text_cells` breaks its text into lines, and
`console` knows where it goes.
"""

from minidense.summary.layer_table import print_summary

__all__ = ["print_summary"]

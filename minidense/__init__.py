"""minidense: Keras's dense stack in pure NumPy, with the same numbers from the same seed."""

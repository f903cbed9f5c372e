"""The formulas of Keras with 60 digits: written for the truth, not for speed or for rounding."""

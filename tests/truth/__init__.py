"""How far minidense and Keras are from the truth: the same formulas with 60 digits.

Agreement with Keras is one thing, being right another. `formulas` has every activation, loss,
layer and optimizer step in mpmath, `hard_inputs` the numbers that go in, `questions` puts the two
together, `units` measures, and `table` keeps what was measured and holds minidense to it. The table
is written to TRUTH.md by

    python -m tests.truth
"""

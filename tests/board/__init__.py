"""What changed between versions of Keras: the parity suite and a probe, run with each of them.

    python -m tests.board                       Keras 3.8, 3.12 and the reference
    python -m tests.board 3.10 --no-suite       the probe only; the reference is always asked, too
    python -m tests.board --kept                the board again, from what is kept of earlier runs

Each version gets an environment of its own, made once, with what `pins.toml` says. `probe/` asks
Keras alone; `suite.py` runs the parity tests; `changes.py` finds what differs from the reference;
`board.py` puts each difference under its entry in `tests/expected_differences.toml`; `markdown.py`
writes the page. A difference that has no entry makes the exit status 1; a board that could not be
made makes it 2. The recorded one is `tests/board/BOARD.md`.
"""

"""What a run of the parity tests found, as data, Markdown, a page to look at, and a few lines.

`pytest --parity-report DIR` writes three files into DIR, each whole or not at all: `report.json`,
`report.md` and `report.html`. The lines are printed at the end of each run with parity tests.

`collect.py` makes the data out of `tests/record.py` and `outcomes.py`, `workers.py` brings those of
several processes together; all else only shows them.

`report.json` is one object. A number that is not finite is written as the text "inf".

    schema        1
    made          when the run ended, as "2026-01-31T12:00:00+00:00"
    seconds       how long the run took
    result        "passed" or "failed": whether a feature, a test or a file failed
    complete      false where tests were deselected, or a run was stopped before all had run
    keras         the version of Keras: "3.15.1"
    backend       "tensorflow", "jax" or "torch"
    device        "cpu" or "gpu"
    versions      by name: keras, the backend, numpy, minidense, python
    platform      system and processor in words
    profile       "quick" or "thorough"
    seed          what was drawn at random
    command       what repeats this run
    features      a list, failed ones first, else by name; each:
        name          as in `record.close`, "Dense: outputs"
        result        "failed"; "expected": differs, for a listed reason; "within" the tolerance;
                      "equal": no case had any difference
        cases, equal, expected, failed          how many comparisons, and how many of each kind
        absolute, relative, ulps                the largest distance of a case that did not differ
                                                by expectation
        rtol, atol                              the widest tolerance; both 0: equality was asked
        share                                   the largest part of its tolerance that a case used
        histogram     {"-14": 3}: 3 cases have a largest relative distance in [10**-7, 10**-6.5);
                      a key is floor(2 * log10)
        reasons       {reason: how many cases}, of expected differences
        worst         up to 3 cases that differ, by share; each: absolute, relative, ulps, rtol,
                      atol, share, difference (in words), where (in a larger result), reason,
                      test (its node id), code, seed
    tests         a list, one for each file `*_parity.py`, failed ones first; each:
        file          "tests/layers/test_layers_parity.py"
        result        "failed", "expected", "passed", "skipped" (nothing passed) or "not run"
        passed, failed, skipped, xfailed, xpassed, not_run, deselected    counts of tests
        seconds       how long they took
        notes         a list, one for each test that did not simply pass:
            test, outcome ("failed", "skipped", "xfailed" or "xpassed"), reason
    curves        a list of losses over epochs or batches; each: name, keras, minidense (lists of
                  numbers), unit ("epoch"), worst (the largest relative difference)
    left_out      {"features": 3}: how many comparisons, of more features or curves than are kept,
                  were checked and not kept
"""

"""What a report looks like: Markdown, page, pictures, the short form, and the files."""

import json
import math
import re
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests import record
from tests.report import files, pictures, terminal
from tests.report.made_up import NEXT, compare, reported, told
from tests.report.markdown import fence, markdown, plain
from tests.report.outcomes import Outcomes
from tests.report.page import page

HOSTILE = "</code></pre><script>alert('x')</script> | ``` & <b a=\"\">\n# not a heading"


# Markdown


def test_markdown_has_a_row_for_each_feature_and_file() -> None:
    compare("Dense: outputs", NEXT, code="f(x)")
    outcomes = Outcomes()
    told(
        outcomes,
        "test_a_parity.py::test_one",
        "skipped",
        reason=("", 0, "Skipped: no GPU in sight"),
    )
    text = markdown(reported(outcomes))
    assert text.startswith("# minidense held to Keras 3.15.1: passed\n")
    assert "| Dense: outputs | within | 1 | 0 | 1.2e-7 | 1.2e-7 | 1 | rtol 1e-6 | 12 % |" in text
    assert "| tests/test\\_a\\_parity.py | skipped |" in text
    assert "1 test: no GPU in sight" in text
    assert "```python\nf(x)\n```" in text
    assert "--parity-seed 5" in text


def test_markdown_tables_keep_their_columns_whatever_a_text_holds() -> None:
    compare(HOSTILE, 2.0, code=HOSTILE, where=HOSTILE)
    record.curves(HOSTILE, [1.0], [1.0])
    text = markdown(reported())
    rows = [line for line in text.splitlines() if line.startswith("|")]
    widths = {re.sub(r"\\.", "", row).count("|") for row in rows}
    assert widths == {3, 10, 6, 11}
    outside = re.sub(r"^(`{3,}).*?^\1$", "", text, flags=re.M | re.S)
    assert not re.search(r"(?<!\\)<", outside)
    assert "\n# not" not in outside


def test_a_fence_is_longer_than_any_inside() -> None:
    assert fence("a ```` b", "sh") == "`````sh\na ```` b\n`````"
    assert plain("a|b\n`c` *d*") == "a\\|b \\`c\\` \\*d\\*"


# The page


class Tags(HTMLParser):
    """Checks that every tag is closed in order, and lists what stands in the page."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on")
            assert name not in ("src", "href"), f"{tag} needs {value}"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(text: str) -> Tags:
    tags = Tags()
    tags.feed(text)
    tags.close()
    assert not tags.open
    return tags


def test_the_page_shows_what_was_found_and_needs_no_other_file() -> None:
    compare("Dense: outputs", NEXT, code="f(x)")
    compare("Dense: outputs", 2.0, code="g(x)", seed="77")
    record.curves("digits, SGD", [2.0, 1.0], [2.0, 1.1])
    outcomes = Outcomes()
    told(
        outcomes,
        "test_a_parity.py::test_one",
        "skipped",
        reason=("", 0, "Skipped: no GPU in sight"),
    )
    text = page(reported(outcomes))
    tags = read(text)
    shown = ["Dense: outputs", "f(x)", "g(x)", "77", "digits, SGD", "no GPU in sight", "2.21.0"]
    for said in (*shown, "test_a_parity.py", "--parity-seed 5", "1 feature of 1 failed"):
        assert said in tags.text, said
    assert "script" not in tags.seen
    assert "url(" not in text
    assert "@import" not in text


def test_failed_features_come_first_and_unfolded() -> None:
    compare("a", NEXT)
    compare("b", 2.0)
    text = page(reported())
    assert text.index(">b</th>") < text.index(">a</th>")
    assert text.count("<details open>") == 1
    assert text.index("<details open>") < text.index(">a</th>")


def test_failed_tests_come_before_all_features() -> None:
    compare("a", NEXT)
    outcomes = Outcomes()
    told(outcomes, "test_a_parity.py::test_one", "passed", "failed", reason="1 != 2")
    text = page(reported(outcomes))
    assert "1 test failed; the one feature agrees" in text
    assert text.index("test_a_parity.py::test_one") < text.index("1 != 2") < text.index(">a</th>")


def test_hostile_texts_stay_texts_on_the_page() -> None:
    compare(HOSTILE, 2.0, code=HOSTILE, seed=HOSTILE, where=HOSTILE)
    record.curves(HOSTILE, [1.0, 2.0], [1.0, 2.0], unit=HOSTILE)
    outcomes = Outcomes()
    told(outcomes, f"{HOSTILE}_parity.py::t", "passed", "failed", reason=HOSTILE)
    told(outcomes, "b_parity.py::t", "skipped", reason=("", 0, f"Skipped: {HOSTILE}"))
    report = reported(outcomes)
    report |= {"platform": HOSTILE, "command": HOSTILE, "versions": {HOSTILE: HOSTILE}}
    tags = read(page(report | {"keras": HOSTILE, "device": HOSTILE}))
    assert "script" not in tags.seen
    assert "b" not in tags.seen
    assert tags.text.count("<script>alert('x')</script>") > 10


# Pictures


def drawn(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def test_a_distribution_has_a_bar_for_each_bin_and_one_for_the_equal_cases() -> None:
    for ours in (1.0, 1.0, NEXT, 1 + 9e-7):
        compare("it", ours)
    svg = drawn(pictures.distribution(reported()["features"][0]))
    titles = [each.findtext("title") for each in svg.iter("rect")]
    assert titles == ["no difference: 2", "1e-7 to 3.2e-7: 1", "3.2e-7 to 1e-6: 1"]
    assert [line.findtext("title") for line in svg.iter("line")] == ["allowed: 1e-6"]


def test_differences_beyond_the_axis_are_drawn_at_its_ends() -> None:
    row = {"histogram": {"-600": 2, "90": 3}, "equal": 0, "rtol": 0, "atol": 0}
    svg = drawn(pictures.distribution(row))
    xs = [float(bar.get("x", "nan")) for bar in svg.iter("rect")]
    left, _, width, _ = map(float, svg.get("viewBox", "").split())
    assert len(xs) == 2
    assert all(left <= x <= width for x in xs)


def test_curves_stay_in_their_frames_and_break_where_there_is_no_number() -> None:
    record.curves("it", [3.0, 2.0, math.nan, 1.0], [3.0, 2.0, math.nan, 1.5])
    svg = drawn(pictures.curves(reported()["curves"][0]))
    paths = {path.get("class"): path.get("d", "") for path in svg.iter("path")}
    assert paths["keras"].count("M") == paths["minidense"].count("M") == 2
    for name in ("keras", "minidense"):
        ys = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", paths[name])]
        assert all(pictures.LOSS_TOP <= y <= pictures.LOSS_BOTTOM for y in ys)
    assert [each.text for each in svg.iter("text") if each.text == "0.5"] == ["0.5"]


def test_curves_without_difference_say_so() -> None:
    record.curves("it", [3.0], [3.0])
    assert "none: the same number" in pictures.curves(reported()["curves"][0])
    record.curves("no number", [math.nan], [math.nan])
    assert pictures.curves(reported()["curves"][1]) == ""


# The short form


def test_the_short_form_is_no_wider_than_80_columns_and_says_what_failed() -> None:
    compare("a very long name of a group of features: outputs", NEXT)
    compare("Dense: outputs", 2.0, code="x" * 300)
    for index in range(3):
        compare(f"losses: {index}", NEXT)
    outcomes = Outcomes()
    long = "TensorFlow sees no GPU on this machine, " * 5
    told(outcomes, "test_a_parity.py::test_one", "skipped", reason=("", 0, f"Skipped: {long}"))
    lines = list(terminal.lines(reported(outcomes)))
    assert max(len(line) for line, _ in lines) <= 80
    text = "\n".join(line for line, _ in lines)
    assert re.search(r"^Dense +1 +0 +0\.5 +8\.4e6 +1e6× +FAILED$", text, re.M)
    assert re.search(r"^losses +3 +0 +1\.2e-7 +1 +12 % +ok$", text, re.M)
    assert "Dense: outputs: 1 of 1 case failed" in text
    assert "skipped, 1 test: TensorFlow sees no GPU" in text
    assert "--parity-seed 5" in text
    assert {color for line, color in lines if "FAILED" in line} == {"red"}


def test_the_short_form_of_equal_features_shows_no_tolerance() -> None:
    record.same("seeds: uniform", 1, 1)
    text = "\n".join(line for line, _ in terminal.lines(reported()))
    assert re.search(r"^seeds +1 +1 +0 +0 +– +ok$", text, re.M)
    assert "The one feature agrees: 1 comparison, 1 of them without any difference." in text


# Files


def test_three_files_are_written_and_replace_those_of_an_earlier_run(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    files.write(reported(), folder)
    compare("Dense: outputs", NEXT)
    paths = files.write(reported(), folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted(files.NAMES)
    assert json.loads(paths[0].read_text(encoding="utf-8"))["features"][0]["cases"] == 1
    for path in paths[1:]:
        assert "Dense: outputs" in path.read_text(encoding="utf-8")


def test_what_cannot_be_shown_leaves_the_old_files_alone(tmp_path: Path) -> None:
    files.write(reported(), tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(KeyError):
        files.write(reported() | {"features": [{"name": "half a row"}]}, tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_file_that_cannot_be_finished_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError("No space left on device")

    (tmp_path / "report.md").write_text("old")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.write_whole(tmp_path / "report.md", "new")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("report.md", "old")]


def test_text_that_is_no_unicode_is_written_all_the_same(tmp_path: Path) -> None:
    files.write_whole(tmp_path / "report.md", "a\udc80b")
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == "a\\udc80b"

"""Make a copy of the repository in which each function has its mutants beside it.

mutmut makes them: for a function `relu` the copy has `x_relu__mutmut_orig`, `x_relu__mutmut_1` and
so on, and a `relu` that calls the one which the environment variable MUTANT_UNDER_TEST names.
"""

import ast
import contextlib
import difflib
import shutil
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
COPIED = (
    "minidense",
    "tests",
    "examples",
    "README.md",
    "CHANGELOG.md",
    "pyproject.toml",
)

# The parts that are mutated, in the order of a run: folders and modules of the package. The modules
# at the top that compute, and that are too small for parts of their own, are one: `ground`.
SCOPE = (
    "engine",
    "ops",
    "numerics",
    "random",
    "graph",
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "activations",
    "initializers",
    "training",
    "ground",
)
EXTRAS = ("models", "checks", "callbacks", "summary")
TOGETHER = {
    "ground": (
        "conversion",
        "dtypes",
        "mode",
        "nest",
        "paths",
        "registry",
        "tensors",
        "variables",
    )
}


def sources(part: str) -> list[Path]:
    """Return the files of a part, relative to the root of the repository."""
    files: list[Path] = []
    for name in TOGETHER.get(part, (part,)):
        folder = Path("minidense") / name
        inside = sorted((ROOT / folder).glob("*.py"))
        files += [path.relative_to(ROOT) for path in inside] or [folder.with_suffix(".py")]
    return files


def copy_repository(target: Path) -> None:
    """Copy what the tests need, anew."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in COPIED:
        origin = ROOT / name
        if origin.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", ".hypothesis")
            shutil.copytree(origin, target / name, ignore=ignored)
        else:
            shutil.copy(origin, target / name)
    # mutmut looks for its configuration in the working directory, here and when the tests run
    (target / "setup.cfg").write_text(
        "[mutmut]\nsource_paths=minidense\ntrack_dependencies=false\n"
    )


def write_mutants(target: Path, parts: list[str]) -> dict[str, list[str]]:
    """Mutate the copy's files of these parts; return the names of the mutants of each part."""
    return {part: [n for path in sources(part) for n in mutate(target, path)] for part in parts}


def mutate(target: Path, path: Path) -> list[str]:
    """Write the mutants of one file; return their names."""
    from mutmut.mutation.file_mutation import mutate_file_contents
    from mutmut.utils.format_utils import get_mutant_name

    code = with_plain_functions((ROOT / path).read_text(encoding="utf-8"))
    with contextlib.chdir(target):
        mutated = mutate_file_contents(str(path), code)
    (target / path).write_text(mutated.code, encoding="utf-8")
    return [get_mutant_name(path, name) for name in mutated.mutant_names]


def with_plain_functions(code: str) -> str:
    """Return code that does the same, with decorators called below the functions of the module.

    mutmut leaves decorated functions alone, and so it would all operations.
    """
    lines = code.splitlines()
    for number, node in reversed(list(enumerate(ast.parse(code).body))):
        if not isinstance(node, ast.FunctionDef) or not node.decorator_list:
            continue
        decorators = [ast.unparse(each) for each in node.decorator_list]
        if "overload" in decorators:
            continue
        name = f"unnamed_{number}" if node.name == "_" else node.name
        decorated = name
        for decorator in reversed(decorators):
            decorated = f"{decorator}({decorated})"
        assert node.end_lineno is not None
        lines[node.end_lineno : node.end_lineno] = ["", "", f"{node.name} = {decorated}"]
        line = lines[node.lineno - 1]
        lines[node.lineno - 1] = line.replace(f"def {node.name}(", f"def {name}(", 1)
        del lines[node.decorator_list[0].lineno - 1 : node.lineno - 1]
    return "\n".join(lines) + "\n"


def module_file(target: Path, module: str) -> Path:
    """Return the file of a module of the copy."""
    path = target.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def difference(target: Path, mutant: str) -> str:
    """Return what a mutant changes: the file and the function, the lines that go and that come."""
    path, stem = file_and_function(target, mutant)
    where = stem.removeprefix("x_").replace("xǁ", "").replace("ǁ", ".")
    return "\n".join([f"{path.relative_to(target)} {where}", *changed_lines(target, mutant)])


def changed_lines(target: Path, mutant: str) -> list[str]:
    """Return the lines that go, each with a minus before it, and those that come, with a plus."""
    path, stem = file_and_function(target, mutant)
    found = functions(path.read_text(encoding="utf-8"))
    before, after = found[f"{stem}__mutmut_orig"], found[mutant.rpartition(".")[2]]
    lines = list(difflib.unified_diff(before, after, n=0, lineterm=""))
    return [line for line in lines[2:] if not line.startswith("@@")]


def is_new_since(commit: str, target: Path, mutant: str) -> bool:
    """Say whether a mutant breaks a line that its function did not have in a commit."""
    path, stem = file_and_function(target, mutant)
    before = old_functions(commit, path.relative_to(target)).get(original_name(stem), [])
    return not {line[1:] for line in changed_lines(target, mutant) if line[0] == "-"} <= {*before}


def file_and_function(target: Path, mutant: str) -> tuple[Path, str]:
    """Return the file of a mutant, and its function by mutmut's name."""
    module, _, name = mutant.rpartition(".")
    return module_file(target, module), name.partition("__mutmut_")[0]


def original_name(stem: str) -> str:
    """Return the name of a function from mutmut's, for example `Denseǁcall` from `xǁDenseǁcall`."""
    return stem.removeprefix("x_") if stem.startswith("x_") else stem.removeprefix("xǁ")


@cache
def old_functions(commit: str, path: Path) -> dict[str, list[str]]:
    """Return the lines of the functions of a file as it was in a commit; none if it was not."""
    command = ["git", "show", f"{commit}:{path.as_posix()}"]
    shown = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, encoding="utf-8")
    return functions(shown.stdout)


@cache
def functions(code: str) -> dict[str, list[str]]:
    """Return the lines of each function, and of each method as `Classǁmethod`.

    A method that mutmut wrote has its class in its own name; in the lines all have the plain name.
    """
    lines = code.splitlines()
    found = {}
    for outer in ast.parse(code).body:
        for node in [outer, *getattr(outer, "body", ())]:
            if isinstance(node, ast.FunctionDef):
                stem, written, _ = node.name.partition("__mutmut_")
                plain = original_name(stem).rpartition("ǁ")[2] if written else stem
                name = node.name if written or node is outer else f"{outer.name}ǁ{node.name}"
                head = lines[node.lineno - 1].replace(node.name, plain, 1)
                found[name] = [head, *lines[node.lineno : node.end_lineno]]
    return found

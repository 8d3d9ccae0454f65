"""Imports point downwards only, and the light modules stay light."""

import ast
import subprocess
import sys
from pathlib import Path

import ganstyle

PACKAGE = Path(ganstyle.__file__).parent

LAYERS = (
    {"ganstyle"},
    {"models", "sources", "losses", "features", "images", "videos", "pages"},
    {"painting", "metrics", "data"},
    {"stylize", "train", "evaluate", "export"},
    {"cli"},
)
"""Rooms of the package from the bottom up; the modules beside the folders are the lowest.

A room imports rooms below it, its own files and, but for the commands, rooms beside it.
"""

COMMANDS = LAYERS[3]

MOST_LINES, MOST_LINES_OF_A_FUNCTION = 250, 50

KNOWN_BY = {"typer": "cli", "rich": "cli"}
"""The room that alone may talk to the user."""


def _imports(path: Path) -> set[str]:
    """Modules that a file imports anywhere, with the names taken from ganstyle itself."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            modules.add(node.module or "")
    return modules


def _room(module: str) -> str:
    """The folder of a module of ganstyle; "ganstyle" of those that lie in none."""
    parts = module.split(".")
    return parts[1] if (PACKAGE / parts[1]).is_dir() else parts[0]


def _room_of(path: Path) -> str:
    return path.relative_to(PACKAGE.parent).parts[-2 if path.parent == PACKAGE else 1]


def _level(room: str) -> int:
    return next(level for level, rooms in enumerate(LAYERS) if room in rooms)


def _files() -> list[Path]:
    # The two front doors, `import ganstyle` and `python -m ganstyle`, lead into the rooms.
    doors = {PACKAGE / "__init__.py", PACKAGE / "__main__.py"}
    return [path for path in PACKAGE.rglob("*.py") if path not in doors]


def test_every_folder_is_a_room() -> None:
    folders = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").is_file()}
    assert folders == set().union(*LAYERS) - {"ganstyle"}


def test_imports_point_downwards() -> None:
    for path in _files():
        room = _room_of(path)
        for module in _imports(path):
            if module.startswith("ganstyle.") and _room(module) != room:
                below, own = _level(_room(module)), _level(room)
                beside = below == own and room not in COMMANDS
                assert below < own or beside, f"{path} imports {module}"


def test_rooms_beside_each_other_import_no_circle() -> None:
    beside = {
        (_room_of(path), _room(module))
        for path in _files()
        for module in _imports(path)
        if module.startswith("ganstyle.")
    }
    for room, other in beside:
        assert room == other or (other, room) not in beside, f"{room} and {other}"


def test_only_the_command_line_knows_typer_and_rich() -> None:
    for path in _files():
        top = {module.split(".")[0] for module in _imports(path)}
        for package, room in KNOWN_BY.items():
            assert package not in top or _room_of(path) == room, path


def test_the_init_of_a_folder_is_empty() -> None:
    for path in PACKAGE.glob("*/__init__.py"):
        assert not path.read_text(), path


def test_files_and_functions_can_be_read_in_one_go() -> None:
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text()
        assert len(text.splitlines()) <= MOST_LINES, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = min([node.lineno, *(mark.lineno for mark in node.decorator_list)])
                lines = (node.end_lineno or 0) - first + 1
                assert lines <= MOST_LINES_OF_A_FUNCTION, f"{path}: {node.name}"


def test_few_modules_lie_beside_the_folders() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= 10


def test_usage_needs_no_torch() -> None:
    for arguments in (["--help"], ["--version"], ["styles"], ["stylize"], ["train", "--help"]):
        code = (
            "import sys; from ganstyle.cli.app import main\n"
            "sys.argv = ['ganstyle', *sys.argv[1:]]\n"
            "try: main()\n"
            "except SystemExit: pass\n"
            "sys.exit('torch' in sys.modules)"
        )
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True)
        assert done.returncode == 0, arguments

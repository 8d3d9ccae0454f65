"""Imports point downwards only, and the light modules stay light."""

import ast
import subprocess
import sys
from pathlib import Path

import ganstyle

PACKAGE = Path(ganstyle.__file__).parent

LAYERS = (
    {"errors"},
    {"config", "files", "styles", "pilot", "html_style", "requirements"},
    {"data", "runtime", "tiling", "html"},
    {"models", "features", "jobs", "muon", "charts", "window"},
    {"losses", "metrics", "optimizers", "views", "checkpoint", "redraw", "watch", "report"},
    {"folders", "game", "rundir", "video", "candidates", "cautions"},
    {"board", "examiner", "stylize", "eyes", "overview"},
    {"session", "gathering"},
    {"train"},
    {"evaluate"},
    {"evaluation_report"},
    {"terminal"},
    {"cli"},
    {"__main__"},
)
"""Rooms of the package from the bottom up. A room imports rooms below it, and its own files."""

KNOWN_BY = {"typer": "cli", "rich": "terminal"}
"""The rooms that alone may talk to the user."""


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
    return module.split(".")[1]


def _room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _level(room: str) -> int:
    return next(level for level, rooms in enumerate(LAYERS) if room in rooms)


def _files() -> list[Path]:
    return [path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"]


def test_imports_point_downwards() -> None:
    for path in _files():
        room = _room_of(path)
        for module in _imports(path):
            if module.startswith("ganstyle.") and _room(module) != room:
                # losses and metrics are one layer, in which the scores use a loss's cosine
                allowed = {("metrics", "losses")}
                below = _level(_room(module)) < _level(room)
                assert below or (room, _room(module)) in allowed, f"{path} imports {module}"


def test_only_one_room_knows_typer_and_one_rich() -> None:
    for path in _files():
        top = {module.split(".")[0] for module in _imports(path)}
        for package, room in KNOWN_BY.items():
            assert package not in top or _room_of(path) == room, path


def test_usage_needs_no_torch() -> None:
    for arguments in (["--help"], ["--version"], ["styles"], ["stylize"], ["train", "--help"]):
        code = (
            "import sys; from ganstyle.cli import main; sys.argv = ['ganstyle', *sys.argv[1:]]\n"
            "try: main()\n"
            "except SystemExit: pass\n"
            "sys.exit('torch' in sys.modules)"
        )
        done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True)
        assert done.returncode == 0, arguments

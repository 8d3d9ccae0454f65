"""What becomes of a folder of difficult pictures, as a Markdown table.

ganstyle stylize ... --json | python benchmarks/robustness.py
"""

import json
import re
import sys
from collections import Counter


def main() -> None:
    """Print a row for each reason, with how many files met it and one of them."""
    lines = [json.loads(line) for line in sys.stdin]
    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for line in lines:
        reason = _kind(line["reason"]) if line["status"] != "done" else "done"
        for what in [reason, *(f"done, but {note}" for note in line["notes"])]:
            counts[what] += 1
            examples.setdefault(what, line["input"].rsplit("/", 1)[-1])
    print(f"{len(lines)} files\n\n| files | what | for example |\n| --- | --- | --- |")
    for what, count in counts.most_common():
        print(f"| {count} | {what} | `{examples[what]}` |")


def _kind(reason: str) -> str:
    """The reason without names and numbers of one file."""
    text = reason.partition(": ")[2] or reason
    text = re.sub(r"^(\.\w+|no extension) is not a format", "its extension is not a format", text)
    return re.sub(r"\d+", "N", text).rstrip(".")


if __name__ == "__main__":
    main()

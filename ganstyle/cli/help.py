"""`--help` as plain text, with the options under headings and examples at the end.

Typer groups options through rich only, with which --help takes twice as long to appear.
"""

from typing import Any

from typer.core import TyperCommand

_OTHERS = "Other options"


class GroupedCommand(TyperCommand):
    """Command whose help lists its options by their `rich_help_panel`, in order of appearance."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        arguments: list[tuple[str, str]] = []
        groups: dict[str, list[tuple[str, str]]] = {}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record and param.param_type_name == "argument":
                arguments.append(record)
            elif record:
                group = getattr(param, "rich_help_panel", None) or _OTHERS
                groups.setdefault(group, []).append(record)
        groups[_OTHERS] = groups.pop(_OTHERS, [])  # last
        for heading, records in {"Arguments": arguments, **groups}.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002, typer's signature
        if self.epilog:
            with formatter.section("Examples"):
                for line in self.epilog.splitlines():
                    formatter.write(f"{'':{formatter.current_indent}}{line}\n")

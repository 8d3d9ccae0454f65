"""Numbers in messages."""


def counted(count: int, noun: str) -> str:
    """A number with its noun: "1 picture", "2 pictures"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def are(count: int) -> str:
    """The verb after that many things."""
    return "is" if count == 1 else "are"

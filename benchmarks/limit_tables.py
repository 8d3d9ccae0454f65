"""Tables of what the machine could do at best, and of the share of it that is reached."""

from collections.abc import Mapping

from limits import Limits
from report import Sheet

from ganstyle.runtime import INT8


def painting_table(limits: Limits, size: tuple[int, int]) -> Sheet:
    """A photo's painting in each precision, beside its convolutions alone."""
    rows = []
    for name, time in limits.paintings.items():
        mark = " (auto)" if name == limits.native else ""
        rate = time.operations / time.limit
        times = (f"{seconds * 1e3:.1f}" for seconds in (time.seconds, time.network, time.limit))
        rows.append((name + mark, *times, f"{rate / 1e12:.2f}", f"{time.limit / time.seconds:.0%}"))
    operations = next(iter(limits.paintings.values())).operations
    caption = (
        f"Painting alone, a photo of {size[0]}x{size[1]} px, {operations / 1e9:.1f} GFLOP. At best "
        "it takes what its convolutions take by themselves, one after the other ("
        f"threads: {limits.threads}){_in_8_bits(limits)}:"
    )
    columns = (
        *("precision", "painting, ms", "the network in it, ms", "at best, ms"),
        *("TFLOP/s at best", "reached"),
    )
    return Sheet(caption, columns, rows)


def convolution_table(limits: Limits) -> Sheet:
    """The rate of each of the network's convolutions by itself, in each precision."""
    times = limits.paintings
    native = times[limits.native]
    shapes = sorted(native.calls, key=lambda shape: -native.calls[shape] * shape.operations)
    rows = [
        (
            str(shape),
            f"{native.calls[shape]}",
            f"{native.calls[shape] * shape.operations / native.operations:.0%}",
            *(f"{shape.operations / time.best[shape] / 1e12:.2f}" for time in times.values()),
        )
        for shape in shapes
    ]
    columns = (
        *("convolution", "calls a photo", "of all operations"),
        *(f"{name}, TFLOP/s" for name in times),
    )
    caption = f"The network's convolutions, each by itself{_in_8_bits(limits)}:"
    return Sheet(caption, columns, rows)


def _in_8_bits(limits: Limits) -> str:
    """What int8 means, in tables that have it."""
    if INT8 not in limits.paintings:
        return ""
    return "; in int8 all but those of single pixels multiply 8 bits, which counts as floats do"


def files_table(limits: Limits, rates: Mapping[str, float]) -> Sheet:
    """Images a second at best, beside those of `ganstyle stylize`: by precision."""
    rows = []
    for precision, rate in rates.items():
        best = limits.seconds(precision)
        milliseconds = (limits.paintings[precision].limit, limits.decoding, limits.encoding, best)
        figures = (f"{seconds * 1e3:.1f}" for seconds in milliseconds)
        rows.append((precision, *figures, f"{1 / best:.2f}", f"{rate:.2f}", f"{rate * best:.0%}"))
    sharing = "one after the other" if limits.on_cpu else "beside the GPU"
    caption = (
        "Many photos at best: nothing but the convolutions, and decoding and encoding, which take "
        f"one core each and are shared out to {limits.cores}, {sharing}; no start-up:"
    )
    columns = (
        *("precision", "convolutions, ms", "decoding, ms", "encoding, ms", "a photo at best, ms"),
        *("images/s at best", "`ganstyle stylize`", "reached"),
    )
    return Sheet(caption, columns, rows)

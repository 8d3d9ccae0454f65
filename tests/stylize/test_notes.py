"""What a result could not keep is told with it."""

from io import BytesIO
from pathlib import Path

from ganstyle.config import OutputConfig
from ganstyle.images.read import read_picture
from ganstyle.models.generator import Generator
from ganstyle.painting.painter import Painter
from ganstyle.stylize.jobs import Job
from ganstyle.stylize.pipeline import Pipeline
from tests.conftest import picture

KINDS = {"jpg": "JPEG", "png": "PNG"}

LOST = ("only the first of 3 frames was written", "transparency was laid over white")


def test_frames_and_transparency_that_the_result_lacks(tmp_path: Path, lively: Generator) -> None:
    frames = [picture(24, 16, seed=seed).convert("RGBA") for seed in range(3)]
    for frame in frames:
        frame.paste((0, 0, 0, 0), (0, 0, 12, 8))
    source = tmp_path / "a.webp"
    frames[0].save(source, save_all=True, append_images=frames[1:], lossless=True)
    pipeline = Pipeline(Painter(lively, precision="float32"), OutputConfig(), "test")
    jobs = [Job(source, tmp_path / f"b.{end}", kind) for end, kind in KINDS.items()]
    notes = {outcome.job.kind: outcome.notes for outcome in pipeline.run(jobs)}
    assert notes == {"JPEG": LOST, "PNG": ()}
    piped = BytesIO()
    assert pipeline.run_one(source.read_bytes(), piped, "JPEG") == LOST
    assert read_picture(piped.getvalue()).frames[0].size == (24, 16)


def test_notes_of_reading_come_first(tmp_path: Path, lively: Generator) -> None:
    holed = picture(24, 16).convert("RGBA")
    holed.paste((0, 0, 0, 0), (0, 0, 12, 8))
    holed.save(tmp_path / "a.png", icc_profile=b"no profile")
    pipeline = Pipeline(Painter(lively, precision="float32"), OutputConfig(), "test")
    [outcome] = pipeline.run([Job(tmp_path / "a.png", tmp_path / "b.jpg", "JPEG")])
    assert outcome.notes == ("its colour profile cannot be used, sRGB was assumed", LOST[1])

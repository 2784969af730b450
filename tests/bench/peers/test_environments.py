import shutil
import sysconfig
from pathlib import Path

import pytest

from tests.bench.peers import environments


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """What is left of a finished setup."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python").touch()
    shutil.copy(environments.lock_of("naive"), tmp_path)
    return tmp_path


def test_one_that_holds_what_the_lock_asks_for_is_used_again(made: Path) -> None:
    assert environments.is_made(made, "naive")


def test_one_of_another_lock_is_made_anew(made: Path) -> None:
    with (made / "naive.txt").open("a") as copy:
        copy.write("flask==0.1\n")
    assert not environments.is_made(made, "naive")


def test_one_whose_setup_broke_off_is_made_anew(made: Path) -> None:
    (made / "naive.txt").unlink()
    assert not environments.is_made(made, "naive")


def test_packages_of_the_project_come_after_the_peers_own(tmp_path: Path) -> None:
    packages = tmp_path / "lib/python3.11/site-packages"
    packages.mkdir(parents=True)
    environments.borrow(tmp_path)
    (file,) = packages.iterdir()
    assert file.read_text().strip() == sysconfig.get_path("purelib")
    assert file.suffix == ".pth"


def test_a_setup_that_cannot_be_had_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(environments.Unavailable, match="failed"):
        environments.make(tmp_path / "new", "naive")

"""The HTML of every account page and state, by the Nu checker: one process for all of them."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.browser.nu import NEEDS_JAVA, checked
from tests.browser.scenes import LANGS, LAYOUTS, SCENES, portals

pytestmark = [pytest.mark.xdist_group("account html"), NEEDS_JAVA]
ALL = [(layout, lang, scene) for layout in LAYOUTS for lang in LANGS for scene in SCENES]


@pytest.fixture(scope="module")
def errors(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[str]]:
    """What the checker calls an error, by the name of the page."""
    folder = tmp_path_factory.mktemp("pages")
    with portals(tmp_path_factory.mktemp("portal")) as every:
        for layout, lang, scene in ALL:
            answer = every[layout].answer(scene, lang)
            _file(folder, layout, lang, scene.name).write_bytes(answer.data)
    return checked(folder)


@pytest.mark.parametrize(
    ("layout", "lang", "scene"), ALL, ids=[f"{la}-{lg}-{scene.name}" for la, lg, scene in ALL]
)
def test_the_checker_finds_no_error(errors, layout, lang, scene) -> None:
    assert errors[_file(Path(), layout, lang, scene.name).name] == []


def test_the_checker_finds_an_error_where_there_is_one(tmp_path: Path) -> None:
    _file(tmp_path, "a", "page", "wrong").write_text("<!DOCTYPE html><title>T</title><p id=1 id=2>")
    assert checked(tmp_path)["a-page-wrong.html"]


def _file(folder: Path, *names: str) -> Path:
    return folder / f"{'-'.join(names)}.html"

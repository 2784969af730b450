"""Where numbers come from."""

import re

from model.provenance import TRAINING_SOURCES, code_sha256, machine, versions


def test_code_versions_and_machine_are_known() -> None:
    assert re.fullmatch("[0-9a-f]{64}", code_sha256())
    assert {"train.py", "augment.py"} <= set(TRAINING_SOURCES)
    assert re.match(r"\d", versions()["numpy"])
    assert {"cpu", "architecture", "cores"} == set(machine())

from collections.abc import Callable

import pytest

RequireTool = Callable[[str, str], str]


def test_a_tool_that_is_there_is_found(require_tool: RequireTool) -> None:
    assert require_tool("sh", "dash").endswith("/sh")


def test_a_missing_tool_skips_the_test_and_names_the_command_that_installs_it(
    require_tool: RequireTool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="sudo apt-get install some-package"):
        require_tool("no-such-tool", "some-package")


def test_a_missing_tool_fails_the_test_in_ci(require_tool: RequireTool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="no-such-tool is not installed"):
        require_tool("no-such-tool", "some-package")

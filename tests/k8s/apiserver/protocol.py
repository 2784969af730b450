"""Paths, selectors and error bodies of the Kubernetes API."""

from typing import Any


def split(path: str) -> tuple[str, str, list[str]]:
    """API version, namespace (may be empty), and the remaining segments."""
    parts = path.strip("/").split("/")
    count = 2 if parts[0] == "api" else 3
    version, rest = "/".join(parts[1:count]), parts[count:]
    if len(rest) > 2 and rest[0] == "namespaces":
        return version, rest[1], rest[2:]
    return version, "", rest


def selector(text: str) -> dict[str, str]:
    """The pairs of a label or field selector; only equality is supported."""
    return dict(pair.replace("==", "=").split("=", 1) for pair in text.split(",") if pair)


def at(each: dict[str, Any], path: str) -> str:
    """The value of a field selector's path."""
    value: Any = each
    for key in path.split("."):
        value = value.get(key, {})
    return str(value)


Answer = tuple[int, dict[str, Any] | str]
"""Status code, and the body as an object or a text."""


def not_found(resource: str, name: str) -> Answer:
    details = {"name": name, "kind": resource}
    return _failure(404, "NotFound", f'{resource} "{name}" not found', details=details)


def no_such_path() -> Answer:
    return _failure(404, "NotFound", "the server could not find the requested resource")


def forbidden(version: str, resource: str, namespace: str) -> Answer:
    scope = f' in the namespace "{namespace}"' if namespace else " at the cluster scope"
    verb = f'cannot list resource "{resource}" in API group "{version.rpartition("/")[0]}"'
    return _failure(403, "Forbidden", f'{resource} is forbidden: User "dev" {verb}{scope}')


def no_previous_log(pod: str, container: str) -> Answer:
    return _failure(400, "BadRequest", f'previous terminated container "{container}" in pod "{pod}" not found')


def _failure(code: int, reason: str, message: str, **more: Any) -> Answer:
    told = {"status": "Failure", "message": message, "reason": reason, "code": code}
    return code, {"kind": "Status", "apiVersion": "v1", "metadata": {}, **told, **more}

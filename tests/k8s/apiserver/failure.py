"""The body of an error, as an API server words it."""

from typing import Any

Answer = tuple[int, dict[str, Any] | str]
"""Status, and the object or the text that is the body."""


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

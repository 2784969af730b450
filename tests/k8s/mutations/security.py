"""What breaks the rules about what the server may do."""

from tests.k8s.mutations.mutation import CONTAINER, DELETE, SECURITY, SPEC, broken_by

TOKEN = {"name": "token", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}

MUTATIONS = [
    *broken_by(
        "its_user_is_the_images",
        (SPEC + "securityContext.runAsUser", 1000),
        (SPEC + "securityContext.runAsGroup", DELETE),
        (SECURITY + "runAsUser", 1000),
        (SECURITY + "runAsGroup", 0),
    ),
    *broken_by(
        "its_files_can_not_be_changed",
        (SECURITY + "readOnlyRootFilesystem", False),
        (CONTAINER + "volumeMounts", DELETE),
        (SPEC + "initContainers", [{"name": "first", "image": "busybox:1"}]),
    ),
    *broken_by(
        "it_can_not_talk_to_the_api_server",
        (SPEC + "serviceAccountName", DELETE),
        (SPEC + "automountServiceAccountToken", DELETE),
        (SPEC + "enableServiceLinks", True),
        (SPEC + "volumes.-", TOKEN),
    ),
    *broken_by(
        "it_can_not_talk_to_the_api_server",
        ("automountServiceAccountToken", True),
        ("automountServiceAccountToken", DELETE),
        target="ServiceAccount",
    ),
]

"""What breaks the rules about images."""

from tests.k8s.mutations.mutation import CONTAINER, SPEC, broken_by

MUTATIONS = [
    *broken_by(
        "an_image_is_named_exactly",
        (CONTAINER + "image", "cifar-api-cpu"),
        (CONTAINER + "image", "localhost:5000/cifar-api-cpu"),
        (CONTAINER + "image", "cifar-api-cpu:latest"),
        (SPEC + "initContainers", [{"name": "first", "image": "busybox"}]),
    ),
    *broken_by("production_names_its_image_by_digest", (CONTAINER + "image", "cifar-api-cpu:v1")),
    *broken_by(
        "an_image_that_is_present_is_not_pulled",
        (CONTAINER + "imagePullPolicy", "Always"),
        (CONTAINER + "imagePullPolicy", "Never"),
    ),
]

"""What to change in the definition of a container that does not start, or does not keep running."""

from collections.abc import Mapping

ADVICE: Mapping[str, str] = {
    "application-crashed": "command, args and env; or an image in which the error is mended",
    "command-line-refused": "args",
    "container-completed": "a command that keeps running, or a Job for work that ends",
    "container-start-failed": "what the message names",
    "executable-not-found": "command and args; without them the image's own are used",
    "executable-not-runnable": "a program that may be executed: chmod +x in the Dockerfile",
    "file-system-read-only": "an emptyDir mounted where it writes",
    "gunicorn-app-not-loaded": "module:attribute in command or args, and that the image has the module",
    "image-wrong-platform": "an image for the node's platform, or a nodeSelector kubernetes.io/arch",
    "init-container-failed": "command, args and env; or an image in which the error is mended",
    "model-damaged": "an image with the right model",
    "out-of-memory": "a higher resources.limits.memory",
    "port-in-use": "ports of containers of one pod, or on hostNetwork, must differ",
    "setting-refused": "env and envFrom: the value that the log names",
}
"""By cause."""

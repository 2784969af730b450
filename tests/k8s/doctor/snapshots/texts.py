"""Messages of container runtimes and registries, with their cause."""

PULLS = {
    # containerd
    'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/web:v9": failed to resolve '
    'reference "docker.io/library/web:v9": docker.io/library/web:v9: not found': "image-not-found",
    'failed to pull and unpack image "docker.io/team/web:v1": failed to resolve reference '
    '"docker.io/team/web:v1": pull '
    "access denied, repository does not exist or may require authorization: server message: insufficient_scope: "
    "authorization failed": "image-pull-unauthorized",
    'failed to resolve reference "ghcr.io/team/web:v1": failed to authorize: failed to fetch '
    "anonymous token: unexpected "
    "status from GET request to https://ghcr.io/token: 403 Forbidden": "image-pull-unauthorized",
    "failed to copy: httpReadSeeker: failed open: unexpected status code "
    "https://registry-1.docker.io/v2/library/web: 429 "
    "Too Many Requests - Server message: toomanyrequests: You have reached your pull rate limit": "image-rate-limited",
    'failed to do request: Head "https://registry.example.com/v2/web/manifests/v1": tls: failed to verify certificate: '
    "x509: certificate signed by unknown authority": "registry-unreachable",
    'failed to do request: Head "https://10.0.0.5:5000/v2/web/manifests/v1": http: server gave HTTP response to HTTPS '
    "client": "registry-unreachable",
    'failed to do request: Head "https://registry.example.com/v2/web/manifests/v1": dial tcp '
    "10.0.0.5:443: i/o timeout": ("registry-unreachable"),
    "no match for platform in manifest: not found": "image-wrong-platform",
    # containerd 2.1, which leaves the pull to its transfer service
    'rpc error: code = NotFound desc = failed to pull and unpack image "docker.io/library/web:v9": failed to resolve '
    "image: docker.io/library/web:v9: not found": "image-not-found",
    "failed to resolve image: unexpected status from HEAD request to http://localhost:5001/v2/web/manifests/v1: 401 "
    "Unauthorized": "image-pull-unauthorized",
    "failed to resolve image: pull access denied, repository does not exist or may require authorization: authorization"
    " failed: no basic auth credentials": "image-pull-unauthorized",
    "failed to resolve image: unexpected status from HEAD request to http://localhost:5000/v2/web/manifests/v9: 500 "
    "Internal Server Error": "registry-unreachable",
    "failed to resolve image: unexpected status from HEAD request to https://registry-1.docker.io/v2/library/web/"
    "manifests/v9: 429 Too Many Requests": "image-rate-limited",
    'failed to resolve image: failed to do request: Head "http://localhost:5999/v2/web/manifests/404": dial tcp '
    "[::1]:5999: connect: connection refused": "registry-unreachable",
    'failed to extract layer sha256:abc to overlayfs as "extract-1": write /var/lib/x: no space left on device': (
        "image-pull-failed"
    ),
    # CRI-O
    "reading manifest v9 in docker.io/library/web: manifest unknown": "image-not-found",
    "initializing source docker://quay.io/team/web:v1: reading manifest v1 in quay.io/team/web: "
    "unauthorized: access to "
    "the requested resource is not authorized": "image-pull-unauthorized",
    "initializing source docker://registry.example.com/web:v1: pinging container registry registry.example.com: Get "
    '"https://registry.example.com/v2/": dial tcp: lookup registry.example.com: no such host': "registry-unreachable",
    'choosing image instance: no image found in manifest list for architecture "arm64", variant "v8", OS "linux"': (
        "image-wrong-platform"
    ),
    "reading manifest latest in docker.io/library/web: requested access to the resource is denied": (
        "image-pull-unauthorized"
    ),
    # docker
    "Error response from daemon: manifest for web:v9 not found: manifest unknown: manifest unknown": "image-not-found",
    "Error response from daemon: pull access denied for team/web, repository does not exist or may require 'docker "
    "login': denied: requested access to the resource is denied": "image-pull-unauthorized",
    "Error response from daemon: Get https://registry-1.docker.io/v2/: net/http: TLS handshake timeout": (
        "registry-unreachable"
    ),
    "Error response from daemon: no matching manifest for linux/arm64/v8 in the manifest list entries": (
        "image-wrong-platform"
    ),
    "toomanyrequests: You have reached your pull rate limit.": "image-rate-limited",
    # kubelet
    "pull QPS exceeded": "image-rate-limited",
}

STARTS = {
    # runc under containerd
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc "
    "create failed: unable "
    'to start container process: exec: "gunicron": executable file not found in $PATH: unknown': "executable-not-found",
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc "
    "create failed: unable "
    'to start container process: error during container init: exec: "/app/run.sh": stat /app/run.sh: no such file or '
    "directory: unknown": "executable-not-found",
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc "
    "create failed: unable "
    'to start container process: exec: "/app/run.sh": permission denied: unknown': "executable-not-runnable",
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc "
    "create failed: unable "
    "to start container process: exec /app/web: exec format error": "image-wrong-platform",
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc "
    "create failed: unable "
    "to start container process: container init was OOM-killed (memory limit too low?): unknown": "out-of-memory",
    "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc "
    "create failed: unable "
    'to start container process: error during container init: chdir to cwd ("/srv/app") set in config.json failed: '
    "permission denied": "container-start-failed",
    # crun and runc under CRI-O
    "container create failed: executable file `gunicron` not found in $PATH: No such file or directory": (
        "executable-not-found"
    ),
    'container create failed: time="2026-11-23T09:50:04Z" level=error msg="runc create failed: '
    "unable to start container "
    'process: exec: \\"gunicron\\": executable file not found in $PATH"': "executable-not-found",
    "container create failed: open executable: Permission denied": "executable-not-runnable",
    # docker
    "OCI runtime create failed: container_linux.go:380: starting container process caused: exec: "
    '"gunicron": executable '
    "file not found in $PATH: unknown": "executable-not-found",
    "failed to start container: Error response from daemon: OCI runtime create failed: error mounting "
    '"/var/lib/kubelet/pods/x/volume-subpaths/config" to rootfs: not a directory: unknown': "container-start-failed",
}

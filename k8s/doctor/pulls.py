"""Messages of runtimes and registries about failed pulls, and parts of image names."""

import re

_QUOTED = re.compile(r'"[^"\s]+"')
_ADDRESS = re.compile(r"(?:https?|docker)://\S+(?=[:\s])")

TEXTS = (
    (
        "image-name-invalid",
        r"invalid reference format|couldn't parse image|must be lowercase|short-name .* did not resolve",
    ),
    ("image-not-present", r"not present with pull policy of Never"),
    (
        "image-wrong-platform",
        r"no match for platform|no matching manifest|no image found .* for (?:architecture|platform)|exec format error"
        r"|does not match the specified platform|image operating system|cannot be used on this platform",
    ),
    ("image-rate-limited", r"toomanyrequests|too many requests|rate limit|pull QPS exceeded|\b429\b"),
    (
        "image-pull-unauthorized",
        r"unauthorized|access denied|authorization failed|authentication required|insufficient_scope|no basic auth"
        r"|requested access to the resource is denied|\bdenied:|\b40[13]\b|forbidden|invalid username/password",
    ),
    (
        "registry-unreachable",
        r"no such host|name resolution|name or service not known|i/o timeout|connection (?:refused|reset|timed out)"
        r"|network is unreachable|no route to host|handshake|x509|certificate|http: server gave http response to https"
        r"|server misbehaving|proxyconnect|dial tcp|deadline exceeded|\b50[0234]\b|unexpected EOF|: EOF"
        r"|context canceled",
    ),
    (
        "image-not-found",
        r"not ?found|manifest unknown|name unknown|manifest for .* not|does not exist|\b404\b|no such image"
        r"|not known to registry",
    ),
)


def classify(message: str) -> str:
    """The cause named by the message of a failed pull, or ``image-pull-failed``."""
    told = without_names(message)
    return next((cause for cause, pattern in TEXTS if re.search(pattern, told, re.IGNORECASE)), "image-pull-failed")


def without_names(message: str) -> str:
    """The message without images and addresses, which may contain any words: ``shop/unauthorized:404``."""
    names = [each.strip('"') for each in _QUOTED.findall(message) if ":" in each or "/" in each]
    for each in sorted(names, key=len, reverse=True):
        message = message.replace(each, "")
    return _ADDRESS.sub("", message)


def network(message: str) -> tuple[str, str]:
    """The network error, and a command to check it; ``{0}`` is host and port, ``{1}`` the host."""
    scheme = "http" if '"http://' in message else "https"
    ask = f"curl -v {scheme}://{{0}}/v2/   # on the node"
    told = without_names(message)
    for pattern, meaning, command in (
        (
            r"no such host|name resolution|not known|server misbehaving",
            "its name is unknown to the DNS",
            "nslookup {1}   # on the node; mend the DNS, or the name of the image",
        ),
        (r"x509|certificate", "its certificate is not trusted", f"{ask}; give the container runtime its CA"),
        (
            r"HTTP response to HTTPS",
            "it speaks HTTP where HTTPS is expected",
            "curl -v http://{0}/v2/   # on the node; allow plain HTTP in /etc/containerd/certs.d/{0}/hosts.toml",
        ),
        (r"refused", "nothing listens there", f"{ask}; start the registry, or correct its port"),
        (r"timeout|timed out|deadline", "it does not answer in time", f"{ask}; mend the route, firewall or proxy"),
        (r"\b50[0234]\b", "it answers with a server error", f"{ask}; see the log of the registry"),
    ):
        if re.search(pattern, told, re.IGNORECASE):
            return meaning, command
    return "the connection fails", ask


def registry(image: str) -> str:
    """The registry host of an image."""
    first, slash, _ = image.partition("/")
    return first if slash and (":" in first or "." in first or first == "localhost") else "docker.io"


def without_tag(image: str) -> str:
    """The repository of an image, without tag and digest."""
    path, slash, last = image.partition("@")[0].rpartition("/")
    return f"{path}{slash}{last.partition(':')[0]}"

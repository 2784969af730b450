"""Which statuses of a route have a duration histogram of their own; the others share one a class.

A histogram is ten series, and a pod has five hundred. So what tells how the server is doing stands alone, and the
requests that were at fault themselves are one ``4xx``: which fault it was, ``cifar10_requests_refused_total`` counts by
its code. A class matches what a number does: ``http_response_status_code=~"4.."``.
"""

UNMATCHED = "_unmatched"
"""The route of requests that match none."""

STATUSES = {
    "/predict": ("200", "4xx", "429", "500", "503", "504"),
    "/feedback": ("202", "4xx", "5xx"),
    "/model": ("200", "5xx"),
    UNMATCHED: ("4xx",),
}
"""The label's values by route: all that it answers, so that each child can be there from the start."""

_OF_OTHER_ROUTES = ("200", "4xx", "5xx")


def of(route: str) -> tuple[str, ...]:
    """The label's values for a route."""
    return STATUSES.get(route, _OF_OTHER_ROUTES)


def label(route: str, status: int) -> str:
    """The label's value for an answer."""
    return str(status) if str(status) in of(route) else f"{status // 100}xx"

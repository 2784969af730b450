"""What an answer of the test client holds."""

import json
from typing import Any

from werkzeug.test import TestResponse


def body(answer: TestResponse) -> Any:
    """The parsed JSON of an answer, whatever its content type says."""
    return json.loads(answer.text)

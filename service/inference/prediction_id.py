"""Prediction ids: issued with every prediction, read when feedback arrives; pure.

An id contains everything that feedback is counted by, so the server stores nothing and any replica with the same key
can read it: 18 bytes in base64 (format, class, time, model, random), a dot, and an HMAC-SHA256 signature or the word
``unsigned``.
"""

import hashlib
import os
import re
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass

from itsdangerous import Signer
from itsdangerous.encoding import base64_decode, base64_encode

from model.artifact import DIGEST_DIGITS
from model.labels import CLASSES
from service.errors import BadPredictionId

_FORMAT = 1
_CONTENT = struct.Struct(">BBI6s6s")
_FORM = re.compile(r"([\w-]{24})\.([\w-]{43}|unsigned)", re.ASCII)
_UNSIGNED = "unsigned"
_INDEX = {name: index for index, name in enumerate(CLASSES)}
_DAY = 86_400


@dataclass(frozen=True)
class Issued:
    """The content of an id."""

    predicted_class: str
    model: str
    """The first digits of the sha256 of the weights."""


class PredictionIds:
    """Issues and reads ids; with a key, only ids signed with it are accepted."""

    def __init__(self, key: str, max_age_days: int, clock: Callable[[], float] = time.time) -> None:
        self._signer = Signer(key, salt="cifar10.prediction_id", digest_method=hashlib.sha256) if key else None
        self._max_age_days = max_age_days
        self._clock = clock

    def issue(self, predicted_class: str, sha256: str) -> str:
        """A new, unique id for a prediction by the weights of that sha256."""
        model = bytes.fromhex(sha256[:DIGEST_DIGITS])
        content = _CONTENT.pack(_FORMAT, _INDEX[predicted_class], int(self._clock()), model, os.urandom(6))
        payload = base64_encode(content)
        return self._signer.sign(payload).decode() if self._signer else f"{payload.decode()}.{_UNSIGNED}"

    def read(self, prediction_id: str) -> Issued:
        """The content of an id; raises :class:`BadPredictionId` if it is malformed, forged or too old."""
        match = _FORM.fullmatch(prediction_id)
        if match is None:
            raise BadPredictionId("The id is malformed.")
        payload, signature = match.groups()
        self._check(payload, signature)
        written_as, index, issued_at, model, _ = _CONTENT.unpack(base64_decode(payload))
        if written_as != _FORMAT or index >= len(CLASSES):
            raise BadPredictionId("The id has a format that this version of the server does not know.")
        if self._clock() - issued_at > self._max_age_days * _DAY:
            raise BadPredictionId(f"The prediction is more than {self._max_age_days} days old.")
        return Issued(CLASSES[index], model.hex())

    def _check(self, payload: str, signature: str) -> None:
        if self._signer is None:
            if signature != _UNSIGNED:
                raise BadPredictionId("The id is signed, and this server has no key to verify it.")
        elif signature == _UNSIGNED:
            raise BadPredictionId("The id is not signed, and this server accepts only signed ids.")
        elif not self._signer.verify_signature(payload, signature):
            raise BadPredictionId("The id's signature is wrong.")

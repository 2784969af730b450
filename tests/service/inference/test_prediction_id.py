import re
from collections.abc import Callable

import pytest

from model.artifact import DIGEST_DIGITS
from model.labels import CLASSES
from service.errors import BadPredictionId
from service.inference.prediction_id import Issued, PredictionIds
from service.settings import Settings, SettingsError

KEY = "a key that all replicas share"
WEIGHTS = "0123456789abcdef" * 4
NOW = 1_800_000_000.0
DAY = 86_400


def ids(key: str = KEY, days: int = 30, clock: Callable[[], float] = lambda: NOW) -> PredictionIds:
    return PredictionIds(key, days, clock)


def refusal(reader: PredictionIds, prediction_id: str) -> str:
    with pytest.raises(BadPredictionId) as caught:
        reader.read(prediction_id)
    return caught.value.detail


@pytest.mark.parametrize("key", ["", KEY])
@pytest.mark.parametrize("name", CLASSES)
def test_an_id_contains_the_predicted_class_and_the_weights(name: str, key: str) -> None:
    assert ids(key).read(ids(key).issue(name, WEIGHTS)) == Issued(name, WEIGHTS[:DIGEST_DIGITS])


@pytest.mark.parametrize("key", ["", KEY])
def test_an_id_is_short_and_needs_no_escaping_in_urls(key: str) -> None:
    for name in CLASSES:
        assert re.fullmatch(r"[A-Za-z0-9_.-]{1,79}", ids(key).issue(name, WEIGHTS))


def test_ids_of_the_same_second_differ() -> None:
    issuer = ids()
    assert len({issuer.issue("cat", WEIGHTS) for _ in range(1000)}) == 1000


def test_an_unsigned_id_is_marked_as_unsigned() -> None:
    assert ids("").issue("cat", WEIGHTS).endswith(".unsigned")
    assert "unsigned" not in ids(KEY).issue("cat", WEIGHTS)


@pytest.mark.parametrize("key", ["", KEY])
def test_an_id_is_refused_once_it_is_too_old(key: str) -> None:
    issued = ids(key).issue("cat", WEIGHTS)
    assert ids(key, clock=lambda: NOW + 30 * DAY).read(issued).predicted_class == "cat"
    assert refusal(ids(key, clock=lambda: NOW + 30 * DAY + 1), issued) == "The prediction is more than 30 days old."
    assert ids(key, days=31, clock=lambda: NOW + 30 * DAY + 1).read(issued).predicted_class == "cat"


def test_an_id_from_a_replica_whose_clock_is_ahead_is_accepted() -> None:
    assert ids(clock=lambda: NOW - 60).read(ids().issue("cat", WEIGHTS)).predicted_class == "cat"


def test_with_a_key_an_unsigned_id_is_refused() -> None:
    assert "is not signed" in refusal(ids(KEY), ids("").issue("cat", WEIGHTS))


def test_without_a_key_a_signed_id_is_refused() -> None:
    assert "no key" in refusal(ids(""), ids(KEY).issue("cat", WEIGHTS))


def test_an_id_signed_with_another_key_is_refused() -> None:
    assert "signature is wrong" in refusal(ids(KEY), ids(KEY + "!").issue("cat", WEIGHTS))


def test_a_signature_of_another_prediction_is_refused() -> None:
    content, _ = ids(KEY).issue("cat", WEIGHTS).split(".")
    _, signature = ids(KEY).issue("dog", WEIGHTS).split(".")
    assert "signature is wrong" in refusal(ids(KEY), f"{content}.{signature}")


@pytest.mark.parametrize("place", range(24))
def test_a_signed_id_with_one_character_of_its_content_changed_is_refused(place: int) -> None:
    issued = ids(KEY).issue("cat", WEIGHTS)
    other = "A" if issued[place] != "A" else "B"
    assert refusal(ids(KEY), issued[:place] + other + issued[place + 1 :])


@pytest.mark.parametrize("key", ["", KEY])
def test_a_truncated_id_is_refused(key: str) -> None:
    issued = ids(key).issue("cat", WEIGHTS)
    for length in range(len(issued)):
        assert refusal(ids(key), issued[:length])


@pytest.mark.parametrize("key", ["", KEY])
@pytest.mark.parametrize(
    "malformed",
    [".", "unsigned", ".unsigned", "\ud800", "é" * 24 + ".unsigned", "A" * 100_000, "A" * 24 + "." + "A" * 43 + "\n"],
)
def test_a_malformed_id_is_refused(malformed: str, key: str) -> None:
    assert refusal(ids(key), malformed) == "The id is malformed."


@pytest.mark.parametrize("content", ["AgMAAAAAAAAAAAAAAAAAAAAA", "AQoAAAAAAAAAAAAAAAAAAAAA"])
def test_another_format_or_an_eleventh_class_is_refused(content: str) -> None:
    assert "format that this version" in refusal(ids(""), f"{content}.unsigned")


def test_the_key_is_masked_in_the_start_up_line_and_in_repr() -> None:
    settings = Settings.from_env({"PREDICTOR_FEEDBACK_KEY": KEY, "PREDICTOR_FEEDBACK_MAX_AGE_DAYS": "7"})
    assert settings.feedback_key == KEY
    assert settings.changed() == {"PREDICTOR_FEEDBACK_KEY": "***", "PREDICTOR_FEEDBACK_MAX_AGE_DAYS": 7}
    assert KEY not in repr(settings)


@pytest.mark.parametrize("key", [" ", "too short", "  15 characters  "])
def test_a_short_key_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_env({"PREDICTOR_FEEDBACK_KEY": key})
    expected = "PREDICTOR_FEEDBACK_KEY=*** is not valid: expected nothing, or at least 16 characters"
    assert str(caught.value) == expected


def test_a_key_may_end_in_a_line_break() -> None:
    assert Settings.from_env({"PREDICTOR_FEEDBACK_KEY": f"{KEY}\n"}).feedback_key == KEY

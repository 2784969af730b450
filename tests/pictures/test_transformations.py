import pytest

from tests.pictures.answered import panel, series
from tests.pictures.transformations import Table, transformed

JOIN = {"id": "joinByField", "options": {"byField": "pod", "mode": "outer"}}
ONLY = {"id": "filterFieldsByName", "options": {"include": {"names": ["pod", "Value #B", "reason"]}}}
ORGANIZE = {
    "id": "organize",
    "options": {
        "excludeByName": {},
        "indexByName": {"reason": 0, "pod": 1, "Value #B": 2},
        "renameByName": {"Value #B": "exit code"},
    },
}


def test_queries_are_joined_and_columns_chosen_ordered_and_renamed() -> None:
    reasons = [series(1, pod="a", reason="Error"), series(1, pod="b", reason="OOMKilled")]
    codes = [series(137, pod="b"), series(3, pod="c")]
    table = transformed(panel({"transformations": [JOIN, ONLY, ORGANIZE]}, reasons, codes))
    assert table == Table(
        ["reason", "pod", "exit code"],
        [
            {"pod": "a", "reason": "Error"},
            {"pod": "b", "reason": "OOMKilled", "exit code": 137.0},
            {"pod": "c", "exit code": 3.0},
        ],
    )


def test_pairs_become_a_matrix_with_zeros_where_there_is_none() -> None:
    options = {"rowField": "label", "columnField": "predicted", "valueField": "Value", "emptyValue": "zero"}
    steps = [
        {"id": "groupingToMatrix", "options": options},
        {"id": "sortBy", "options": {"sort": [{"field": "label\\predicted"}]}},
    ]
    pairs = [series(0.8, label="dog", predicted="dog"), series(1, label="cat", predicted="cat")]
    table = transformed(panel({"transformations": steps}, pairs))
    assert table.columns == ["label\\predicted", "dog", "cat"]
    assert table.rows == [
        {"label\\predicted": "cat", "dog": 0.0, "cat": 1.0},
        {"label\\predicted": "dog", "dog": 0.8, "cat": 0.0},
    ]


def test_an_unknown_transformation_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown transformation: merge"):
        transformed(panel({"transformations": [{"id": "merge", "options": {}}]}, []))

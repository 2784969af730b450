import pytest

pytestmark = pytest.mark.torch


def test_operations_follow_one_another_and_use_weights() -> None:
    import torch

    from model.engines.graph import Graph

    graph = Graph()
    scaled = graph.operation("aten::mul", Graph.INPUT, graph.weight(torch.tensor([1.0, -2.0])))
    function = graph.function(graph.operation("aten::relu", scaled))
    assert function(torch.tensor([3.0, 4.0])).tolist() == [3.0, 0.0]
    assert function(torch.tensor([-3.0, -4.0])).tolist() == [0.0, 8.0]


def test_arguments_may_be_lists_numbers_truths_words_and_nothing() -> None:
    import torch

    from model.engines.graph import Graph

    graph = Graph()
    largest = graph.operation("aten::amax", Graph.INPUT, (0, 1), True)
    rounded = graph.operation("aten::div", largest, graph.weight(torch.tensor(2.0)), "floor")
    converted = graph.operation("aten::to", rounded, 3, False, False, None)
    result = graph.function(converted)(torch.tensor([[1.0, 5.0], [3.0, 2.0]]))
    assert (result.tolist(), result.dtype) == ([[2]], torch.int32)


def test_an_operation_that_does_not_exist_is_an_error_when_it_is_called() -> None:
    import torch

    from model.engines.graph import Graph

    graph = Graph()
    function = graph.function(graph.operation("aten::nonsense", Graph.INPUT))
    with pytest.raises(RuntimeError):
        function(torch.zeros(1))

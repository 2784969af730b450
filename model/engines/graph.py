"""Builds a TorchScript graph, which PyTorch runs without the Python interpreter and without its global lock.

Called from Python, each operation of a network acquires the global interpreter lock again and so waits for the request
threads. TorchScript's compiler does not know oneDNN's operations, so the graph is written in its intermediate
representation. This is not part of PyTorch's public interface: see :func:`available`.
"""

from collections.abc import Callable, Sequence

import torch

Function = Callable[[torch.Tensor], torch.Tensor]


def available() -> bool:
    """Whether this version of PyTorch has the functions that :class:`Graph` needs."""
    return hasattr(torch._C, "parse_ir") and hasattr(torch._C, "_create_function_from_graph")


class Graph:
    """A sequence of operations; :meth:`operation` returns the name of its result."""

    INPUT = "%input"

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._weights: list[torch.Tensor] = []

    def weight(self, tensor: torch.Tensor) -> str:
        """Add a constant tensor; returns its name."""
        self._weights.append(tensor)
        return f"%weight{len(self._weights) - 1}"

    def operation(self, name: str, *arguments: str | float | bool | Sequence[int] | None) -> str:
        """Add the operation ``name`` (with namespace); an argument that starts with ``%`` is the name of a result."""
        return self._add("Tensor", f"{name}({', '.join([self._argument(each) for each in arguments])})")

    def function(self, result: str) -> Function:
        """The compiled function that computes ``result`` from :attr:`INPUT`."""
        inputs = ", ".join(
            [f"{name} : Tensor" for name in (self.INPUT, *map("%weight{}".format, range(len(self._weights))))]
        )
        text = "\n  ".join([f"graph({inputs}):", *self._lines, f"return ({result})"])
        compiled = torch._C._create_function_from_graph("forward", torch._C.parse_ir(text + "\n"))
        return lambda tensor: compiled(tensor, *self._weights)

    def _argument(self, value: str | float | bool | Sequence[int] | None) -> str:
        match value:
            case str() if value.startswith("%"):
                return value
            case str():
                return self._add("str", f'prim::Constant[value="{value}"]()')
            case bool():
                return self._add("bool", f"prim::Constant[value={int(value)}]()")
            case int() | float():
                return self._add(type(value).__name__, f"prim::Constant[value={value}]()")
            case [*members]:
                listed = ", ".join([self._argument(member) for member in members])
                return self._add("int[]" if members else "Scalar?[]", f"prim::ListConstruct({listed})")
            case _:
                return self._add("NoneType", "prim::Constant()")

    def _add(self, kind: str, expression: str) -> str:
        name = f"%value{len(self._lines)}"
        self._lines.append(f"{name} : {kind} = {expression}")
        return name

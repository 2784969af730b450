"""A function of tensors that PyTorch runs from beginning to end without the interpreter, and without its lock.

Run from Python, each of a network's operations takes that lock again when it is done; beside request threads that hold
it, waiting for it took longer than computing. TorchScript's own compiler does not know the operations used here, so the
graph is written down in its intermediate form. None of this is PyTorch's public interface: see :func:`available`.
"""

from collections.abc import Callable, Sequence

import torch

Function = Callable[[torch.Tensor], torch.Tensor]


def available() -> bool:
    return hasattr(torch._C, "parse_ir") and hasattr(torch._C, "_create_function_from_graph")


class Graph:
    """Operations in the order they are added; each is named by what :meth:`operation` returned for it."""

    INPUT = "%input"

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._weights: list[torch.Tensor] = []

    def weight(self, tensor: torch.Tensor) -> str:
        """A tensor that every call uses."""
        self._weights.append(tensor)
        return f"%weight{len(self._weights) - 1}"

    def operation(self, name: str, *arguments: str | float | bool | Sequence[int] | None) -> str:
        """Add ``name`` (with its namespace); a string that starts with ``%`` is a weight or an earlier result."""
        return self._add("Tensor", f"{name}({', '.join([self._argument(each) for each in arguments])})")

    def function(self, result: str) -> Function:
        """The finished function of :attr:`INPUT`."""
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

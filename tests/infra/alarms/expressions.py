"""Metric math, as far as our alarms use it: + - * /, comparisons, IF, FILL, SUM, MAX, METRICS(). Anything else is
refused: what CloudWatch would make of it is not known here.

A series is a list of datapoints, None where one is missing. Arithmetic with a missing datapoint is missing, as
CloudWatch makes a datapoint only where both sides have one; a division by zero makes none either.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import cache

from tests.infra.alarms.series import Point

Points = list[Point]
SIGNS: dict[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class Unknown(ValueError):
    """An expression that is not understood here."""


@cache
def _parsed(expression: str) -> ast.expr:
    return ast.parse(expression.strip(), mode="eval").body


def evaluate(expression: str, series: Mapping[str, Points]) -> Points:
    """The series that `expression` makes of those of its metrics, all equally long; raises Unknown."""
    return _value(_parsed(expression), series)


def _value(node: ast.expr, series: Mapping[str, Points]) -> Points:
    match node:
        case ast.Constant(value=int() | float() as number):
            return [float(number)] * len(next(iter(series.values())))
        case ast.Name(id=name) if name in series:
            return series[name]
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in SIGNS:
            return _both(SIGNS[type(sign)], _value(left, series), _value(right, series))
        case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in SIGNS:
            return _both(SIGNS[type(sign)], _value(left, series), _value(right, series))
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            return _call(name, arguments, series)
        case _:
            raise Unknown(f"{ast.unparse(node)} is not understood")


def _both(do: Callable[[float, float], float], left: Points, right: Points) -> Points:
    if do is operator.truediv:
        return [None if a is None or not b else a / b for a, b in zip(left, right, strict=True)]
    return [None if a is None or b is None else do(a, b) for a, b in zip(left, right, strict=True)]


def _call(name: str, arguments: list[ast.expr], series: Mapping[str, Points]) -> Points:
    match name, arguments:
        case "IF", [condition, then, otherwise]:
            each = zip(*(_value(node, series) for node in (condition, then, otherwise)), strict=True)
            return [None if asked is None else a if asked else b for asked, a, b in each]
        case "FILL", [inner, instead]:
            both = zip(_value(inner, series), _value(instead, series), strict=True)
            return [b if a is None else a for a, b in both]
        case (("SUM" | "MAX"), [ast.Call(func=ast.Name(id="METRICS"), args=[])]):
            known = ([each for each in points if each is not None] for points in zip(*series.values(), strict=True))
            together: Callable[[list[float]], float] = sum if name == "SUM" else max
            return [together(each) if each else None for each in known]
        case _:
            raise Unknown(f"{name} is not understood")

"""oche's expressions and inputs in the languages of its peers.

A Problem is what `oche estimate EXPRESSION INPUT…` takes, read far enough to be written again for
NumPy, numexpr, numba, C, muParser and OpenTURNS (ExprTk). What isn't known here raises Untranslated.
"""

import ast
import math
import re


class Untranslated(Exception):
    """Something of oche's language that these translations don't know."""


# How a language writes things. A function maps to a pattern of its arguments; None: it has none.
# `power` is how a whole exponent is written: by multiplication, or by the language's own operator.
# Integers stay integers only where the language knows no division of integers.
class Language:
    """One target language: what differs between them, and nothing else."""

    def __init__(self, functions, power, both="({} && {})", either="({} || {})", negated="(!{})",
                 constant=repr):
        self.functions = functions
        self.power = power
        self.both, self.either, self.negated = both, either, negated
        self.constant = constant


def _same(*names):
    return {name: name + "({}, {})" if name == "atan2" else name + "({})" for name in names}


def _product(base, exponent):
    return "(" + "*".join([base] * exponent) + ")"


def _short(value):
    return str(int(value)) if value == int(value) else repr(value)


_COMMON = _same("exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "atan2", "abs")
_MAXIMUM = {"max": "where({0} > {1}, {0}, {1})", "min": "where({0} < {1}, {0}, {1})"}

NUMPY = Language({**{name: "np." + text for name, text in _COMMON.items()},
                  "atan2": "np.arctan2({}, {})", "where": "np.where({}, {}, {})",
                  "max": "np.maximum({}, {})", "min": "np.minimum({}, {})"},
                 "whole_power({}, {})".format, "({} & {})", "({} | {})", "(~{})")
NUMEXPR = Language({**_COMMON, **_MAXIMUM, "atan2": "arctan2({}, {})", "where": "where({}, {}, {})"},
                   "({}**{})".format, "({} & {})", "({} | {})", "(~{})", _short)
NUMBA = Language({**{name: "math." + text for name, text in _COMMON.items()}, "abs": "abs({})",
                  "where": "({1} if {0} else {2})", "max": "max({}, {})", "min": "min({}, {})"},
                 _product, "({} and {})", "({} or {})", "(not {})")
C = Language({**_COMMON, "abs": "fabs({})", "where": "({} ? {} : {})",
              "max": "fmax({}, {})", "min": "fmin({}, {})"}, _product)
MUPARSER = Language({**_COMMON, "where": "({} ? {} : {})", "max": "max({}, {})",
                     "min": "min({}, {})"}, "({}^{})".format, negated="({} == 0)", constant=_short)
EXPRTK = Language({**_COMMON, "where": "if({}, {}, {})", "max": "max({}, {})",
                   "min": "min({}, {})"}, "({}^{})".format, "({} and {})", "({} or {})", "not({})",
                  _short)

_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Lt: "<", ast.LtE: "<=",
              ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="}
_CONSTANTS = {"pi": math.pi, "e": math.e, "inf": math.inf}
_MOST_MULTIPLICATIONS = 16


def parse(text):
    """The tree of an expression; powers, comparisons and `if` become Python's."""
    text = re.sub(r"\bif\s*\(", "where(", text.replace("^", "**"))
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise Untranslated(f"{text}: {error.msg}") from error


def write(tree, language, names=None):
    """The tree as text of a language; `names` replaces inputs by other text."""
    names = names or {}

    def number(node):
        return isinstance(node, ast.Constant) and isinstance(node.value, (int, float))

    def power(node):
        if number(node.right) and node.right.value in range(2, _MOST_MULTIPLICATIONS + 1):
            return language.power(text(node.left), int(node.right.value))
        raise Untranslated("a power that isn't whole and small")

    def call(node):
        pattern = language.functions.get(node.func.id)
        if pattern is None:
            raise Untranslated(node.func.id)
        arguments = [text(argument) for argument in node.args]
        while node.func.id in ("max", "min") and len(arguments) > 2:
            arguments[:2] = [pattern.format(*arguments[:2])]
        return pattern.format(*arguments)

    def text(node):
        if number(node):
            return language.constant(float(node.value))
        if isinstance(node, ast.Name):
            if node.id in names:
                return names[node.id]
            return repr(_CONSTANTS[node.id]) if node.id in _CONSTANTS else node.id
        if isinstance(node, ast.UnaryOp):
            if isinstance(node.op, ast.Not):
                return language.negated.format(text(node.operand))
            return f"({'-' if isinstance(node.op, ast.USub) else '+'}{text(node.operand)})"
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            return power(node)
        if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
            return f"({text(node.left)} {_OPERATORS[type(node.op)]} {text(node.right)})"
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            return f"({text(node.left)} {_OPERATORS[type(node.ops[0])]} {text(node.comparators[0])})"
        if isinstance(node, ast.BoolOp):
            pattern = language.both if isinstance(node.op, ast.And) else language.either
            result = text(node.values[0])
            for value in node.values[1:]:
                result = pattern.format(result, text(value))
            return result
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return call(node)
        raise Untranslated(ast.unparse(node))

    return text(tree)


# Infinite ranges in the unit variable u, as (x(u), dx/du), by the same maps as oche: the variance
# is then the same too. Of the line's, half of dx/du: the factor 2 is its volume.
_LINE = ("(2*u - 1)/(4*u*(1 - u))", "(1 + (2*u - 1)^2)/(4*u*(1 - u))^2")
_ABOVE = ("{} + u/(1 - u)", "1/(1 - u)^2")
_BELOW = ("{} - (1 - u)/u", "1/u^2")


# Before every input's name, so that none is a word of a language, or of a peer's own text.
_PREFIX = "v_"


class Input:
    """One input: what is drawn ("uniform" on low..high, "normal" by mean and deviation, or "map": a
    uniform number that `point` and `weight`, trees over the name u, take to an infinite range)."""

    def __init__(self, text):
        self.point = self.weight = None
        self.volume = 1.0
        match = re.fullmatch(r"\s*(\w+)\s*(?:~\s*(\w+)\s*\((.*)\)|=\s*(.*?)\s*\.\.\s*(.*?))\s*", text)
        if not match:
            raise Untranslated(text)
        name, distribution, arguments, low, high = match.groups()
        self.name = _PREFIX + name
        if distribution in ("uniform", "normal"):
            self.drawn = distribution
            self.first, self.second = (_value(one) for one in arguments.split(","))
        elif distribution:
            raise Untranslated(text)
        else:
            self._set_range(_value(low), _value(high))

    def _set_range(self, low, high):
        if math.isfinite(low) and math.isfinite(high):
            self.drawn, self.first, self.second, self.volume = "uniform", low, high, high - low
            return
        self.drawn, self.first, self.second = "map", 0.0, 1.0
        self.volume = 2.0 if low == -high else 1.0
        pattern, end = (_LINE, 0) if low == -high else (_ABOVE, low) if low > -math.inf else (_BELOW, high)
        self.point, self.weight = parse(pattern[0].format(end)), parse(pattern[1])


def _value(text):
    """A constant expression's value: numbers, signs, pi, e, inf and arithmetic."""
    tree = parse(text)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    if not names <= set(_CONSTANTS) or any(isinstance(node, ast.Call) for node in ast.walk(tree)):
        raise Untranslated(text)
    return float(eval(compile(ast.Expression(tree), text, "eval"), {"__builtins__": {}}, _CONSTANTS))


def _renamed(tree, names):
    """The tree with the prefix before the names of inputs."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and _PREFIX + node.id in names:
            node.id = _PREFIX + node.id
    return tree


class Problem:
    """An expression and its inputs. The integral is volume·factor·E[f]; where `counts`, the tree is a
    comparison, and a peer may count instead of adding."""

    def __init__(self, expression, inputs):
        self.expression = expression
        self.inputs = [Input(text) for text in inputs]
        self.tree = _renamed(parse(expression), {one.name for one in self.inputs})
        self.factor = math.prod(one.volume for one in self.inputs)
        if (isinstance(self.tree, ast.BinOp) and isinstance(self.tree.op, ast.Mult)
                and isinstance(self.tree.left, ast.Constant) and self._is_comparison(self.tree.right)):
            self.factor *= self.tree.left.value
            self.tree = self.tree.right
        self.mapped = [one for one in self.inputs if one.drawn == "map"]
        self.counts = self._is_comparison(self.tree) and not self.mapped

    @staticmethod
    def _is_comparison(tree):
        return isinstance(tree, (ast.Compare, ast.BoolOp))

    @property
    def names(self):
        """The inputs' names, in order."""
        return [one.name for one in self.inputs]

    def value(self, language):
        """The integrand as text, over the inputs' names, without the weights of infinite ranges."""
        return write(self.tree, language)

    def lines(self, language, unit="u_{}"):
        """For languages with statements: (name, text) of each mapped input, and the weighted integrand.
        The uniform number of input x is called u_x."""
        points, weights = [], []
        for one in self.mapped:
            names = {"u": unit.format(one.name)}
            points.append((one.name, write(one.point, language, names)))
            weights.append(write(one.weight, language, names))
        return points, "*".join([self.value(language)] + weights)

"""YAML or JSON text -> a tree of plain values in which every node knows its place.

YAML is read with YAML 1.2 semantics: ``yes``, ``on``, ``12:30`` and dates are strings, mapping keys are
strings, a duplicate key is an error, tags are limited to those of the JSON Schema ruleset (specification,
"Format"). JSON text goes through the standard library, and its positions are found only when something asks
for one. Everything is bounded by ``Limits``.
"""

from arazzo.source.offsets import Path
from arazzo.source.read import from_value, parse
from arazzo.source.tree import DEFAULT_LIMITS, Limits, Node, Tree

__all__ = ["DEFAULT_LIMITS", "Limits", "Node", "Path", "Tree", "from_value", "parse"]

"""Text -> tree: YAML or JSON, whichever it is."""

from __future__ import annotations

from arazzo import codes
from arazzo.diagnostics import Span
from arazzo.errors import DocumentError
from arazzo.source.tree import DEFAULT_LIMITS, Limits, Tree, over_limit
from arazzo.source.yaml_text import parse_yaml
from arazzo.values import Value


def parse(text: str | bytes, file: str, *, limits: Limits = DEFAULT_LIMITS) -> Tree:
    """Read ``text``, JSON or YAML, which people know as ``file``.

    Raises ``DocumentError`` when it cannot be read; a duplicate key is left in ``Tree.diagnostics`` and the
    first value kept, so that one run can report everything.
    """
    if len(text) > limits.size:
        raise over_limit(Tree(file, "", None), f"larger than {limits.size:,} characters", "size")
    if isinstance(text, bytes):
        text = _decode(text, file)
    else:
        text = text.removeprefix("\ufeff")
        _check_characters(text, file)
    named_json, bracket = file.endswith(".json"), text.lstrip()[:1] in ("{", "[")
    if named_json or bracket:
        from arazzo.source.json_text import parse_json  # here: most documents are YAML

        tree = parse_json(text, file, limits, must_be_json=named_json and bracket)
        if tree is not None:
            return tree
    return parse_yaml(text, file, limits)


def from_value(value: Value, file: str = "<mapping>", *, limits: Limits = DEFAULT_LIMITS) -> Tree:
    """A tree over a value that never was text: positions are those of its JSON form.

    Raises ``DocumentError`` for what JSON cannot express (bytes, NaN, a mapping that holds itself) and for what
    is over a limit.
    """
    import json

    from arazzo.source.json_text import parse_json

    try:
        text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise DocumentError([codes.SYNTAX.at(Span(file, 1, 1, 1, 2), f"no JSON value: {error}")]) from None
    if len(text) > limits.size:
        raise over_limit(Tree(file, "", None), f"larger than {limits.size:,} characters", "size")
    _check_characters(text, file)
    tree = parse_json(text, file, limits, must_be_json=True)
    assert tree is not None, "what json.dumps writes is JSON"
    return tree


def _check_characters(text: str, file: str) -> None:
    """Half a surrogate pair is no character: it could be neither shown nor sent."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        tree = Tree(file, text.encode(errors="replace").decode(), None)
        message = f"\\u{ord(text[error.start]):04x} is one half of a surrogate pair, no character"
        raise DocumentError([codes.UNREADABLE.at(tree.span(error.start, error.end), message)]) from None


def _decode(raw: bytes, file: str) -> str:
    marks = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
    mark = next((mark for mark in marks if raw.startswith(mark)), b"")
    encoding = marks.get(mark, "utf-8")
    raw = raw.removeprefix(mark)
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        readable = raw[: error.start].decode(encoding, "replace")
        line, column = readable.count("\n") + 1, len(readable) - readable.rfind("\n")
        span = Span(file, line, column, line, column + 1)
        raise DocumentError(
            [
                codes.UNREADABLE.at(
                    span, f"not {encoding.upper()} text: byte 0x{raw[error.start]:02x}", "save it as UTF-8"
                )
            ]
        ) from None

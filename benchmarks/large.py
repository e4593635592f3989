"""A large API description, written by rule: many operations, each with its texts, parameters and schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

THINGS: Final = 900
"""With this many the text has some 3.5 million characters, as the largest published descriptions do."""
_METHODS: Final = ("get", "put", "delete")
_MEMBERS: Final = 10


def large_description(things: int = THINGS) -> str:
    """An OpenAPI description in YAML; ``getThing<number>`` answers to ``GET /things<number>/{id}``."""
    lines = ["openapi: 3.1.0", "info: {title: things, version: '1'}", "servers: [{url: 'http://127.0.0.1'}]"]
    lines.append("paths:")
    for number in range(things):
        lines += _path(number)
    lines += ["components:", "  schemas:"]
    for number in range(things):
        lines += _schema(number)
    return "\n".join(lines) + "\n"


def _path(number: int) -> Iterator[str]:
    yield f"  /things{number}/{{id}}:"
    for method in _METHODS:
        yield f"    {method}:"
        yield f"      operationId: {method}Thing{number}"
        yield f"      summary: The operation {method} of thing {number}"
        yield "      description: |"
        yield f"        Does {method} on the thing with number {number}; see the guide."
        yield "        It takes a moment, and answers with what has become of the thing."
        yield "      tags: [things]"
        yield "      parameters:"
        yield "        - name: id"
        yield "          in: path"
        yield "          required: true"
        yield "          description: Which thing"
        yield "          schema: {type: string}"
        yield "        - name: fields"
        yield "          in: query"
        yield "          schema:"
        yield "            type: array"
        yield "            items:"
        yield "              type: string"
        yield "              enum: [a, b, c]"
        yield "      responses:"
        yield "        '200':"
        yield "          description: OK"
        yield "          content:"
        yield "            application/json:"
        yield "              schema:"
        yield f"                $ref: '#/components/schemas/Thing{number}'"
        yield "        '404':"
        yield "          description: Not found"


def _schema(number: int) -> Iterator[str]:
    yield f"    Thing{number}:"
    yield "      type: object"
    yield "      required: [id, name]"
    yield "      properties:"
    for member in range(_MEMBERS):
        yield f"        member{member}:"
        yield "          type: string"
        yield f"          description: The member {member} of a thing, which tells how it is doing"
        yield "          maxLength: 100"
        yield f"          example: value-{member}"

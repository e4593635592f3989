"""A request read by others than those who wrote it: openapi-core, and the standard library where it cannot.

openapi-core is given a description of nothing but the parameters at hand, with schemas that say what type the values
have; whether its reading is the value that was given is what counts. The readers of the standard library
(``urllib.parse``, ``email``, ``json``, ``xml.etree``) split by the rules of OpenAPI's style table first.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from openapi_core import Config, OpenAPI
from werkzeug.datastructures import Headers as WerkzeugHeaders
from werkzeug.datastructures import ImmutableMultiDict

from arazzo.descriptions.openapi.model import Encoding, MediaType, Operation, ParameterSpec
from arazzo.messages import Request, header
from arazzo.values import File, Value, type_name

HOST = "http://host.test"
_DELIMITERS = {"spaceDelimited": "%20", "pipeDelimited": "%7C", "tabDelimited": "%09"}
_KEPT_IN_PATH = "%/:@!$&'()*+,;=-._~"
_PLACE = re.compile(r"\{([^{}]*)\}")

Given = tuple[ParameterSpec, Value]


@dataclass(frozen=True)
class Reading:
    """One thing that was read back: what it is, by whom, and what is wrong with it."""

    what: str
    reader: str
    problem: str | None = None
    why_not_core: str | None = None


@dataclass(frozen=True)
class Wire:
    """The parts of a request as they travel, nothing decoded."""

    path: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    headers: Sequence[tuple[str, str]]
    cookies: Sequence[tuple[str, str]]


def wire_of(operation: Operation, request: Request) -> Wire:
    """Take the request apart. Raises ``ValueError`` when its path is not the operation's."""
    url = urlsplit(request.url)
    template, _, own_query = operation.path.partition("#")[0].partition("?")
    pattern = ""
    pieces = _PLACE.split(template)
    names: list[str] = []
    for index, piece in enumerate(pieces):
        if index % 2:
            names.append(piece)
            pattern += "(.*)" if _reserved(operation, piece) else "([^/]*)"
        else:
            pattern += re.escape(quote(piece, safe=_KEPT_IN_PATH))
    match = re.search(f"{pattern}$", url.path)
    if match is None:
        raise ValueError(f"{url.path} is no path of {operation.path}")
    path = dict(zip(names, match.groups(), strict=True))
    query = [_pair(part) for part in url.query.split("&") if part]
    for name, text in [_pair(part) for part in own_query.split("&") if part]:
        place = _PLACE.fullmatch(text)
        sent = next((value for key, value in query if unquote(key) == unquote(name)), None)
        if place is not None and sent is not None:
            path[place[1]] = sent
    cookies = header(request.headers, "cookie") or ""
    return Wire(
        {**{name.strip("+*"): text for name, text in path.items()}, **path},
        query,
        request.headers,
        [_pair(part.strip()) for part in cookies.split(";") if part],
    )


def _reserved(operation: Operation, name: str) -> bool:
    return any(
        p.in_ == "path" and p.name == name.strip("+*") and p.allow_reserved for p in operation.parameters
    )


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def read_parameters(operation: Operation, request: Request, given: Sequence[Given]) -> Iterator[Reading]:
    """How each of the values in ``given`` reads in ``request``."""
    try:
        wire = wire_of(operation, request)
    except ValueError as error:
        yield Reading("the path", "standard library", str(error))
        return
    for spec, value in given:
        what = spec.in_ if spec.content_type is None else f"{spec.in_}, content"
        if spec.in_ not in ("path", "querystring") and value in (None, [], {}):
            kept = any(unquote(name) == spec.name for name, _ in wire.query) if spec.in_ == "query" else False
            yield Reading(
                what,
                "standard library",
                "it was sent" if kept else None,
                "the value is empty",
            )
            continue
        why = unreadable(spec, value) or _core_problem(wire, spec, value)
        if why is None:
            yield Reading(what, "openapi-core")
            continue
        problem = plainly(wire, spec, value)
        yield Reading(what, "standard library", problem, why)


# --- openapi-core


def unreadable(spec: ParameterSpec, value: Value) -> str | None:
    """Why openapi-core is not asked about a parameter; None where it is."""
    nested = isinstance(value, (list, dict)) and any(
        isinstance(member, (list, dict)) for member in (value if isinstance(value, list) else value.values())
    )
    if spec.content_type is not None:
        return "a parameter with content is a text to it"
    if spec.in_ == "querystring":
        return "`querystring` is of OpenAPI 3.2"
    if spec.in_ == "header" and spec.name.lower() in ("accept", "content-type", "authorization"):
        return "OpenAPI has it overlook this header"
    if spec.style == "deepObject" and (not isinstance(value, dict) or not spec.explode or nested):
        return "`deepObject` holds one level of scalars to it"
    if spec.style in _DELIMITERS and (spec.explode or not isinstance(value, (list, dict))):
        return "the style has no such entry in OpenAPI's table"
    if spec.style == "tabDelimited":
        return "`tsv` is of Swagger 2.0"
    if spec.style == "form" and spec.explode and isinstance(value, dict):
        return "it looks for one parameter with all members in it, and there is one for each member"
    if value in ("", [], {}, None) and spec.in_ == "path":
        return "an empty path parameter"
    return None


class _Parameters:
    """The parameters of a request as openapi-core wants them."""

    def __init__(self, wire: Wire, spec: ParameterSpec) -> None:
        mark = {"label": ".", "matrix": ";"}.get(spec.style, "")
        name = f"{mark}{spec.name}{'*' if mark and spec.explode else ''}"
        self._path = {name: unquote(wire.path.get(spec.name, ""))}
        # It splits at the characters `%20`, so what it is given must not be decoded yet.
        decode = (lambda text: text) if spec.style == "spaceDelimited" else unquote
        self.query = ImmutableMultiDict([(unquote(key), decode(text)) for key, text in wire.query])
        self.header = WerkzeugHeaders(list(wire.headers))
        self.cookie = ImmutableMultiDict([(key, unquote(text)) for key, text in wire.cookies])

    @property
    def path(self) -> Mapping[str, str]:
        return self._path

    @path.setter
    def path(self, found: object) -> None:
        """Ours stays, whatever it finds in the URL."""

    def __getitem__(self, in_: str) -> Any:
        return getattr(self, in_)


@dataclass
class _Sent:
    parameters: _Parameters
    path: str
    content_type: str = ""
    body: bytes | None = None
    host_url: str = HOST
    method: str = "get"


def _core_problem(wire: Wire, spec: ParameterSpec, value: Value) -> str | None:
    """Why openapi-core's reading is not ``value``; None when it is."""
    path = "/a/{" + spec.name + "}" if spec.in_ == "path" else "/a"
    parameter: dict[str, Any] = {
        "name": spec.name,
        "in": spec.in_,
        "required": True,
        "style": spec.style,
        "explode": spec.explode,
        "schema": schema_of(value),
    }
    described = {"operationId": "o", "parameters": [parameter], "responses": {"200": {"description": "d"}}}
    root = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": HOST}],
        "paths": {path: {"get": described}},
    }
    sent = _Sent(_Parameters(wire, spec), "/a/x" if spec.in_ == "path" else "/a")
    try:
        reader = OpenAPI.from_dict(root, config=Config(spec_validator_cls=None))  # type: ignore[arg-type]
        result = reader.unmarshal_request(sent)  # type: ignore[arg-type]
    except Exception as error:  # noqa: BLE001 - whatever another's program says
        return f"it raises {type(error).__name__}"
    if result.errors:
        return f"it says {type(next(iter(result.errors))).__name__}"
    found = getattr(result.parameters, spec.in_).get(spec.name)
    if spec.style == "spaceDelimited":
        found = _decoded(found)
    return None if is_same(found, without_nulls(value)) else "it decodes before it splits"


def _decoded(found: Any) -> Any:
    if isinstance(found, dict):
        return {name: _decoded(member) for name, member in found.items()}
    if isinstance(found, list):
        return [_decoded(element) for element in found]
    return unquote(found) if isinstance(found, str) else found


def schema_of(value: Value) -> dict[str, Any]:
    """A schema that says what types ``value`` has, and no more."""
    match value:
        case dict():
            return {
                "type": "object",
                "properties": {name: schema_of(member) for name, member in value.items()},
            }
        case list():
            kinds = {type_name(element) for element in value}
            return {"type": "array", "items": schema_of(value[0]) if len(kinds) == 1 else {"type": "string"}}
        case None | bytes() | File():
            return {}
        case _:
            return {"type": type_name(value)}


def without_nulls(value: Value) -> Value:
    if isinstance(value, list):
        return [element for element in value if element is not None]
    if isinstance(value, dict):
        return {name: member for name, member in value.items() if member is not None}
    return value


def is_same(found: object, value: object) -> bool:
    """Equality of JSON values; what was read may be a date where a text was given."""
    if isinstance(value, bool) or isinstance(found, bool):
        return found is value
    if isinstance(value, dict) and isinstance(found, dict):
        return found.keys() == value.keys() and all(is_same(found[key], value[key]) for key in value)
    if isinstance(value, list) and isinstance(found, list):
        return len(found) == len(value) and all(map(is_same, found, value))
    return found == value or (isinstance(found, str) and says(found, value))


# --- the standard library


def says(text: str, value: object) -> bool:
    """Whether ``text`` is how JSON, or a plain text, writes ``value``."""
    if isinstance(value, str):
        return text == value
    if isinstance(value, bytes):
        return text.encode("utf-8", "replace") == value
    try:
        found = json.loads(text)
    except ValueError:
        return False
    return bool(is_same(found, value))


def plainly(wire: Wire, spec: ParameterSpec, value: Value) -> str | None:
    """What is wrong with a parameter, read by the rules of OpenAPI's style table; None when nothing is."""
    value = without_nulls(value)
    if spec.in_ == "querystring":
        text = "&".join(f"{name}={text}" if text else name for name, text in wire.query)
        return None if unquote(text).startswith(str(value)) or isinstance(value, dict) else f"{text!r}"
    if spec.in_ == "header":
        texts = [text for name, text in wire.headers if name.lower() == spec.name.lower()]
    elif spec.in_ == "path":
        texts = [wire.path[spec.name]] if spec.name in wire.path else []
    else:
        pairs = wire.cookies if spec.in_ == "cookie" else wire.query
        if spec.style == "deepObject" and isinstance(value, dict):
            return _missing(pairs, _deep(spec.name, value))
        if isinstance(value, dict) and spec.explode and spec.content_type is None:
            return _missing(pairs, value.items())
        texts = [text for name, text in pairs if unquote(name) == spec.name]
    if not texts:
        return "it is not there"
    return None if _texts_say(texts, spec, value) else f"{texts} was given as {value!r}"


def _texts_say(texts: list[str], spec: ParameterSpec, value: Value) -> bool:
    """Whether the texts under a parameter's name say ``value``."""
    plain = (lambda text: text) if spec.in_ == "header" else unquote
    if spec.content_type is not None:
        return any(says(plain(text), value) or plain(text) == value for text in texts)
    if not isinstance(value, (list, dict)):
        return any(says(plain(_unmarked(text, spec)), value) or text.strip() == value for text in texts)
    if isinstance(value, list) and spec.explode and spec.in_ in ("query", "cookie"):
        return len(texts) == len(value) and all(map(says, map(plain, texts), value))
    parts = _split(_unmarked(texts[0], spec), spec)
    if isinstance(value, list):
        if spec.in_ == "header" and len(parts) != len(value):
            return ",".join(parts) == ",".join(map(str, value))
        return len(parts) == len(value) and all(map(says, map(plain, parts), value))
    if spec.explode:
        pairs = [_pair(part) for part in parts]
    else:
        pairs = list(zip(parts[::2], parts[1::2], strict=False))
    return {plain(name) for name, _ in pairs} == value.keys() and all(
        says(plain(text), value[plain(name)]) for name, text in pairs
    )


def _unmarked(text: str, spec: ParameterSpec) -> str:
    """What stands behind the mark of a label or a matrix."""
    if spec.style == "label":
        return text.removeprefix(".")
    if spec.style == "matrix":
        return text.removeprefix(f";{spec.name}=").removeprefix(";")
    return text


def _split(text: str, spec: ParameterSpec) -> list[str]:
    if spec.style == "matrix" and spec.explode:
        return text.split(";" if "=" in text.split(";")[0] else f";{spec.name}=")
    if spec.style == "label" and spec.explode:
        return text.split(".")
    return text.split(_DELIMITERS.get(spec.style, ","))


def _deep(name: str, value: Value) -> Iterator[tuple[str, Value]]:
    """The fields of ``a[b][c]``; a list repeats its name, or numbers what is not scalar."""
    match value:
        case dict():
            for key, member in value.items():
                yield from _deep(f"{name}[{key}]", member)
        case list() if any(isinstance(element, (list, dict)) for element in value):
            for index, element in enumerate(value):
                yield from _deep(f"{name}[{index}]", element)
        case list():
            for element in value:
                yield from _deep(name, element)
        case None:
            return
        case _:
            yield name, value


def _missing(pairs: Iterable[tuple[str, str]], wanted: Iterable[tuple[str, Value]]) -> str | None:
    """Which of the ``wanted`` fields is not among ``pairs``, each of which stands for one."""
    left = Counter((unquote(name.replace("+", " ")), unquote(text.replace("+", " "))) for name, text in pairs)
    for name, value in wanted:
        found = next((pair for pair in left if pair[0] == name and says(pair[1], value)), None)
        if found is None:
            return f"nothing says that {name} is {value!r}"
        left -= Counter([found])
    return None


# --- bodies


def read_body(request: Request, value: Value, media: MediaType | None) -> Reading:
    """How ``value`` reads in the body of ``request``."""
    content_type = header(request.headers, "content-type") or ""
    media_type = content_type.partition(";")[0].strip().lower()
    body = request.body or b""
    if "/" not in media_type:
        media_type = "no real content type"  # A sampled input stood in for one.
    if isinstance(value, (bytes, File)):
        content = value.content if isinstance(value, File) else value
        return Reading(media_type, "bytes", None if body == content else "other bytes")
    if "json" in media_type and not media_type.endswith(
        ("ndjson", "jsonl", "json-seq", "jsonlines", "json-lines")
    ):
        return Reading(media_type, "json", _as_json(body, value))
    if media_type == "application/x-www-form-urlencoded":
        return Reading(media_type, "urllib.parse", _as_form(body, value, media.encoding if media else {}))
    if media_type.startswith("multipart/"):
        return Reading(media_type, "email", _as_parts(content_type, body, value))
    if isinstance(value, (list, dict)) and "xml" in media_type:
        return Reading(media_type, "xml.etree", _as_xml(body, value))
    if isinstance(value, (list, dict)):
        records = value if isinstance(value, list) else [value]
        found = [json.loads(line.lstrip(b"\x1e")) for line in body.splitlines() if line.strip()]
        return Reading(media_type, "json", None if is_same(found, records) else "other records")
    return Reading(
        media_type, "text", None if says(body.decode("utf-8", "replace"), value) else "another text"
    )


def _as_json(body: bytes, value: Value) -> str | None:
    try:
        found = json.loads(body)
    except ValueError:
        return "it is no JSON"
    if is_same(found, value):
        return None
    if isinstance(value, str) and body.decode() == value:
        return None  # The text was the body already.
    return "another value"


def _as_form(body: bytes, value: Value, encoding: Mapping[str, Encoding]) -> str | None:
    if isinstance(value, str):
        return None if body.decode() == value else "another text"
    if not isinstance(value, dict):
        return "it is no form"
    pairs = [_pair(part) for part in body.decode("ascii").split("&") if part]
    wanted: list[tuple[str, Value]] = []
    for name, member in value.items():
        told = encoding.get(name)
        if told is None or not (told.styled or told.content_type):
            wanted += _deep(name, member)
            continue
        spec = ParameterSpec(
            name,
            "query",
            style=told.style or "form",
            explode=told.explode if told.explode is not None else told.style in (None, "form", "deepObject"),
            content_type=None if told.styled else told.content_type,
        )
        if member in (None, [], {}):
            continue
        if not told.styled and isinstance(member, list) and "json" not in (told.content_type or ""):
            wanted += _deep(name, member)
            continue
        problem = plainly(Wire({}, pairs, (), ()), spec, member)
        if problem is not None:
            return problem
    return _missing(pairs, wanted)


def _as_parts(content_type: str, body: bytes, value: Value) -> str | None:
    head = f"MIME-Version: 1.0\r\nContent-Type: {content_type}\r\n\r\n".encode()
    message = email.message_from_bytes(head + body, policy=email.policy.HTTP)
    if not message.is_multipart():
        return None if isinstance(value, str) and body.decode() == value else "it has no parts"
    parts = list(message.iter_parts())
    contents = [bytes(part.get_payload(decode=True) or b"") for part in parts]
    if isinstance(value, list):
        wanted: list[tuple[str | None, Value]] = [(None, element) for element in value]
    elif isinstance(value, dict):
        wanted = [
            (name, element)
            for name, member in value.items()
            for element in (member if isinstance(member, list) else [member])
            if element is not None
        ]
        names = [part.get_param("name", header="content-disposition") for part in parts]
        if len(names) != len(wanted):
            # A list whose encoding says JSON is one part.
            wanted = [(name, member) for name, member in value.items() if member is not None]
        if [name for name, _ in wanted] != names:
            return f"parts named {names}"
    else:
        return "it is neither a list nor a mapping"
    for (name, element), content in zip(wanted, contents, strict=True):
        if isinstance(element, (bytes, File)):
            same = content == (element.content if isinstance(element, File) else element)
        else:
            same = says(content.decode("utf-8", "replace"), element) or (
                isinstance(element, (dict, list)) and "xml" in str(content[:200])
            )
        if not same:
            return f"the part {name} is {content[:60]!r}"
    return None


def _as_xml(body: bytes, value: Value) -> str | None:
    """The texts and attributes of the elements are the scalars of the value, each of them once."""
    try:
        root = ET.fromstring(body)
    except ET.ParseError as error:
        return f"it is no XML: {error}"
    texts: list[str] = []
    for element in root.iter():
        texts += element.attrib.values()
        if len(element) == 0 or (element.text or "").strip():
            texts.append(element.text or "")
    for scalar in _scalars(value):
        found = next((text for text in texts if says(text, scalar) or text == str(scalar)), None)
        if found is None:
            return f"nothing says {scalar!r}"
        texts.remove(found)
    return None


def _scalars(value: Value) -> Iterator[Value]:
    match value:
        case dict():
            for member in value.values():
                yield from _scalars(member)
        case list():
            for element in value:
                yield from _scalars(element)
        case None:
            return
        case _:
            yield value

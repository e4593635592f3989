"""A path value that is empty names another resource, often the whole collection: it is not sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.http.auth_servers import FIRST, calling, json_response, one_api
from tests.unit.http.conftest import Serve

import arazzo
from arazzo.descriptions.openapi.servers import DotSegment, EmptySegment, request_target
from arazzo.engine.results import RunResult
from arazzo.values import Value

Run: TypeAlias = "Callable[..., RunResult]"


@pytest.fixture(params=["run", "run_async"])
def run(request: pytest.FixtureRequest) -> Run:
    if request.param == "run":
        return arazzo.run
    return lambda document, **keywords: asyncio.run(arazzo.run_async(document, **keywords))


def _steps(folder: Path, server: str, template: str, value: Value, **spec: Value) -> arazzo.Document:
    """A workflow that passes ``value`` for the path parameter ``id`` of ``template``."""
    parameter: Mapping[str, Value] = {"name": "id", "in": "path", "required": True, **spec}
    path = Path(one_api(folder, server, {}, [], parameters=[dict(parameter)]))
    path.write_text(path.read_text().replace("/first", template))
    step: Mapping[str, Value] = {**FIRST, "parameters": [{"name": "id", "in": "path", "value": value}]}
    return calling({"api": str(path)}, step, inputs={"type": "object", "properties": {"id": {}}})


@pytest.mark.parametrize(
    ("template", "value", "spec"),
    [
        ("/users/{id}", "", {}),
        ("/users/{id}/posts", "", {}),
        ("/users/{id}", [], {}),
        ("/users/{id}", [""], {}),
        ("/users/{id}", {}, {}),
        ("/users/{id}", [None], {}),
        ("/users/{id}", [], {"style": "label"}),
        ("/users/{id}", [], {"style": "matrix"}),
        ("/users/{id}", "", {"content": {"text/plain": {}}}),
        ("/users/{id*}", "", {}),
        ("/users/{id}{id}", "", {}),
        ("/users/{id}?all={id}", "", {}),
    ],
)
def test_a_step_whose_value_would_empty_a_segment_fails_before_anything_is_sent(
    serve: Serve, tmp_path: Path, run: Run, template: str, value: Value, spec: dict[str, Value]
) -> None:
    server = serve(json_response({"ok": True}))
    result = run(_steps(tmp_path, server.url, template, value, **spec))
    assert result.status == "failed"
    assert result.error is not None
    assert "the path parameter 'id' is empty" in result.error.message
    assert f"GET {server.url}/users/" in result.error.message
    assert not server.requests


def test_what_is_said_names_the_value_the_url_and_what_mends_it(serve: Serve, tmp_path: Path) -> None:
    server = serve(json_response({"ok": True}))
    url = server.url.replace("//", "//ada:p4ssw0rd-p4ssw0rd@")
    result = arazzo.run(_steps(tmp_path, url, "/users/{id}", "$inputs.id"), inputs={"id": ""})
    assert result.error is not None
    shown = server.url.replace("//", "//***@")
    assert result.error.message == (
        "step 'first' failed: the path parameter 'id' is empty ($inputs.id), which would make "
        f"the request GET {shown}/users/ and name another resource than /users/{{id}}; give 'id' a value, "
        "or call the operation for that resource"
    )


@pytest.mark.parametrize(
    ("template", "value", "spec", "target"),
    [
        ("/users/{id}", "", {"style": "matrix"}, "/users/;id"),
        ("/users/{id}", "", {"content": {"application/json": {}}}, "/users/%22%22"),
        ("/users/{id}.json", "", {}, "/users/.json"),
        ("/Users('{id}')", "", {}, "/Users('')"),
        ("/users/{id}", " ", {}, "/users/%20"),
        ("/users/{id}", ["", ""], {}, "/users/,"),
        ("/users?of={id}", "", {}, "/users?of="),
    ],
)
def test_what_leaves_the_segments_as_they_are_is_sent(
    serve: Serve, tmp_path: Path, run: Run, template: str, value: Value, spec: dict[str, Value], target: str
) -> None:
    server = serve(json_response({"ok": True}))
    assert run(_steps(tmp_path, server.url, template, value, **spec)).status == "succeeded"
    assert server.requests[0].startswith(f"GET {target} HTTP".encode())


def test_a_label_without_text_is_a_dot_and_no_name_either(serve: Serve, tmp_path: Path, run: Run) -> None:
    server = serve(json_response({"ok": True}))
    result = run(_steps(tmp_path, server.url, "/users/{id}", "", style="label"))
    assert result.error is not None
    assert "'.' and '..' are no names in a URL" in result.error.message
    assert not server.requests


@given(
    st.lists(st.sampled_from(["/", "{a}", "{b}", "x", ".", "?", "="]), max_size=8),
    st.sampled_from(["", "v"]),
    st.sampled_from(["", "v"]),
)
def test_no_path_gets_an_empty_segment_that_its_template_does_not_have(
    parts: list[str], a: str, b: str
) -> None:
    template = "/" + "".join(parts)
    try:
        url = request_target("https://a.test", template, {"a": a, "b": b}, [])
    except (EmptySegment, DotSegment):
        return
    path, written = url.removeprefix("https://a.test").partition("?")[0], template.partition("?")[0]
    assert [part == "" for part in path.split("/")] == [part == "" for part in written.split("/")]

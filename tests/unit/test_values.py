"""Values that callers make themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.http.auth_servers import SECOND, calling, json_response, one_api
from tests.unit.http.conftest import Serve, serve

import arazzo
from arazzo.values import Value

__all__ = ["serve"]


@pytest.mark.parametrize("content", ["héllo", "héllo".encode(), bytearray("héllo".encode())])
def test_a_file_takes_text_and_bytes(content: object) -> None:
    file = arazzo.File("a.txt", content)  # type: ignore[arg-type]
    assert file == arazzo.File("a.txt", "héllo".encode())
    assert type(file.content) is bytes


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("a.txt", 7), "content is bytes, or a text to be encoded as UTF-8, not int"),
        (("a.txt", None), "not NoneType"),
        (("a.txt", Path("a.txt")), "Path(…).read_bytes()"),
        ((7, b""), "name is a text, not int"),
        (("a.txt", b"", 7), "media_type is a text, not int"),
    ],
)
def test_a_file_of_anything_else_is_told_at_once(arguments: tuple[object, ...], said: str) -> None:
    with pytest.raises(TypeError) as refused:
        arazzo.File(*arguments)  # type: ignore[arg-type]
    assert said in str(refused.value)


def test_a_file_made_of_text_is_sent(serve: Serve, tmp_path: Path) -> None:
    server = serve(json_response({"ok": True}))
    path = one_api(tmp_path, server.url, {}, [])
    step: dict[str, Value] = {
        **SECOND,
        "requestBody": {"contentType": "text/plain", "payload": "$inputs.file"},
    }
    document = calling({"api": path}, step, inputs={"type": "object", "properties": {"file": {}}})
    result = arazzo.run(document, inputs={"file": arazzo.File("a.txt", "héllo")})  # type: ignore[arg-type]
    assert result.status == "succeeded"
    assert server.requests[0].endswith("\r\n\r\nhéllo".encode())

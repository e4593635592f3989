"""Where requests may go that a document from the network names."""

from __future__ import annotations

import pytest

from arazzo.descriptions.openapi.find import OpenApi
from arazzo.diagnostics import Findings
from arazzo.document.read import read_document
from arazzo.plan.found import Found
from arazzo.plan.library import LinkOptions
from arazzo.plan.servers import server_of
from arazzo.source import from_value
from arazzo.values import Value

HERE = "file:///home/me/flow.yaml"
REMOTE = "https://example.com/flow.yaml"


def server(document_uri: str, description_uri: str, url: str, options: LinkOptions) -> tuple[str, list[str]]:
    arazzo: dict[str, Value] = {
        "arazzo": "1.0.1",
        "info": {"title": "t", "version": "1"},
        "sourceDescriptions": [{"name": "api", "url": description_uri, "type": "openapi"}],
        "workflows": [{"workflowId": "w", "steps": [{"stepId": "s", "operationId": "o"}]}],
    }
    api: dict[str, Value] = {
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": url}],
        "paths": {"/a": {"get": {"operationId": "o", "responses": {}}}},
    }
    document = read_document(from_value(arazzo), document_uri)
    description = OpenApi(from_value(api), description_uri)
    operation = description.operation("o")
    assert operation is not None
    findings = Findings()
    found = Found(document.source_descriptions[0], description, operation)
    return server_of(found, document, options, findings), [finding.code for finding in findings]


@pytest.mark.parametrize(
    ("document", "description", "url", "allowed"),
    [
        (HERE, "file:///home/me/api.yaml", "http://localhost:8000", True),
        (HERE, "https://example.com/api.yaml", "http://localhost:8000", False),
        (HERE, "https://example.com/api.yaml", "http://169.254.169.254/latest", False),
        (HERE, "https://example.com/api.yaml", "https://api.example.com", True),
        (REMOTE, "https://example.com/api.yaml", "http://10.0.0.1", False),
        (REMOTE, "https://example.com/api.yaml", "http://[::1]:80", False),
        ("http://127.0.0.1:1/flow.yaml", "http://127.0.0.1:1/api.yaml", "http://127.0.0.1:2", True),
        (HERE, "http://10.0.0.1/api.yaml", "/v1", True),
    ],
)
def test_what_came_over_the_network_names_no_private_server_elsewhere(
    document: str, description: str, url: str, allowed: bool
) -> None:
    found, codes = server(document, description, url, LinkOptions())
    assert bool(found) is allowed
    assert codes == ([] if allowed else ["no-server"])


@pytest.mark.parametrize(
    "options",
    [
        LinkOptions(allow_private=True),
        LinkOptions(servers={"api": "http://localhost:8000"}),
        LinkOptions(fallback_server="http://simulated.test"),
    ],
)
def test_the_user_may_allow_it(options: LinkOptions) -> None:
    found, codes = server(REMOTE, REMOTE, "http://localhost:8000", options)
    assert (found, codes) == ("http://localhost:8000", [])

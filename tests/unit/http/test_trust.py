"""The trust policy: files by repository, addresses by where a document came from."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arazzo.descriptions.uris import is_loopback, is_private, names_private
from arazzo.http.trust import (
    Policy,
    home_of,
    policy_for_file,
    policy_for_network,
)


def test_a_document_may_name_files_of_its_repository(tmp_path: Path) -> None:
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    document = tmp_path / "repo" / "a" / "b" / "flow.yml"
    assert home_of(document) == tmp_path / "repo"
    policy = policy_for_file(home_of(document), ())
    assert policy.refuses_file((tmp_path / "repo" / "openapi.yml").resolve()) is None
    assert policy.refuses_file((tmp_path / "repository.yml").resolve()) is not None


def test_a_repository_may_be_a_worktree_whose_git_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / ".git").write_text("gitdir: elsewhere")
    assert home_of(tmp_path / "tree" / "x" / "flow.yml") == tmp_path / "tree"


def test_outside_a_repository_the_folder_above_its_own_is_open(tmp_path: Path) -> None:
    document = tmp_path / "a" / "b" / "flow.yml"
    assert home_of(document) == tmp_path / "a"
    refusal = policy_for_file(home_of(document), ()).refuses_file((tmp_path / "x.yml").resolve())
    assert refusal == f"it lies outside {(tmp_path / 'a').resolve()}; allow its folder with --allow-path"
    assert (
        policy_for_file(home_of(document), (tmp_path,)).refuses_file((tmp_path / "x.yml").resolve()) is None
    )


def test_no_document_opens_the_whole_machine_or_every_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/somewhere/users/me"))
    assert home_of(Path("/nogit-data/flow.yml")) == Path("/nogit-data")
    assert home_of(Path("/flow.yml")) == Path("/")
    assert home_of(Path("/somewhere/users/me/flow.yml")) == Path("/somewhere/users/me")
    assert home_of(Path("/somewhere/users/me/x/flow.yml")) == Path("/somewhere/users/me")


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("8.8.8.8", False),
        ("2606:4700::1111", False),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("10.1.2.3", True),
        ("172.16.0.1", True),
        ("192.168.1.1", True),
        ("169.254.169.254", True),
        ("100.64.0.1", True),
        ("0.0.0.0", True),
        ("255.255.255.255", True),
        ("224.0.0.1", True),
        ("::1", True),
        ("::", True),
        ("fe80::1", True),
        ("fe80::1%eth0", True),
        ("fd00::1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:8.8.8.8", False),
        ("not an address", True),
    ],
)
def test_private_is_everything_but_public(address: str, private: bool) -> None:
    assert is_private(address) is private


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("a.localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("10.0.0.1", True),
        ("8.8.8.8", False),
        ("example.com", False),
        ("localhost.example.com", False),
    ],
)
def test_some_hosts_say_by_themselves_that_they_are_private(host: str, private: bool) -> None:
    assert names_private(host) is private


def test_loopback_is_this_machine_only() -> None:
    assert [
        host for host in ("localhost", "127.0.0.1", "::1", "10.0.0.1", "example.com") if is_loopback(host)
    ] == [
        "localhost",
        "127.0.0.1",
        "::1",
    ]


def test_a_document_from_the_network_names_no_file_and_no_private_address() -> None:
    policy = policy_for_network(frozenset())
    assert policy.refuses_file(Path("/etc/hosts")) == "a document from the network may name no local file"
    assert policy.refuses_address("evil.test", "127.0.0.1") == (
        "evil.test is the private address 127.0.0.1, which a document from the network may not name"
    )
    assert policy.refuses_address("good.test", "8.8.8.8") is None
    assert policy.refuses_host("localhost") is not None
    assert policy.refuses_host("169.254.169.254") is not None
    assert policy.refuses_host("good.test") is None


def test_a_document_from_a_private_host_may_name_that_host() -> None:
    policy = policy_for_network(frozenset(("intranet.test",)))
    assert policy.refuses_address("intranet.test", "10.0.0.1") is None
    assert policy.refuses_address("INTRANET.test", "10.0.0.1") is None
    assert policy.refuses_address("other.test", "10.0.0.1") is not None


def test_the_user_may_name_anything() -> None:
    policy = Policy()
    assert policy.refuses_file(Path("/etc/hosts")) is None
    assert policy.refuses_address("x", "127.0.0.1") is None
    assert policy.refuses_host("localhost") is None


@given(st.text(max_size=30))
def test_no_host_however_odd_makes_it_fail(text: str) -> None:
    assert isinstance(is_private(text), bool)
    assert isinstance(names_private(text), bool)
    policy_for_network(frozenset()).refuses_host(text)


def test_a_user_without_a_home_has_no_folder_that_opens_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", unknown)
    assert home_of(tmp_path / "tree" / "x" / "flow.yml") == tmp_path / "tree"

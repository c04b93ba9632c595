"""Records, byte for byte."""

import gzip
from dataclasses import replace
from typing import Any

import pytest

from archiver.types import Kind, Moment
from archiver.warc import records
from tests.samples import AT, HEAD, REQUEST, capture, failure, link, moment

EMPTY = "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"  # STANDARDS, WARC 3
ID, OTHER, INFO = "<urn:uuid:1>", "<urn:uuid:2>", "<urn:uuid:0>"


def text(fields: Any) -> str:
    return records.fields_text(fields).decode()


def test_digest_is_that_of_common_crawl() -> None:
    assert records.digest(b"") == EMPTY


def test_response_fields() -> None:
    assert text(
        records.response_fields(capture(), ID, INFO, HEAD + b"<p>body", records.digest(b"<p>body"))
    ) == (
        "WARC-Type: response\r\n"
        "WARC-Record-ID: <urn:uuid:1>\r\n"
        "WARC-Date: 2026-03-01T12:00:00.123456Z\r\n"
        "WARC-Target-URI: https://news.example/a/1\r\n"
        "WARC-IP-Address: 192.0.2.7\r\n"
        "WARC-Warcinfo-ID: <urn:uuid:0>\r\n"
        "Content-Type: application/http;msgtype=response\r\n"
        f"WARC-Block-Digest: {records.digest(HEAD + b'<p>body')}\r\n"
        f"WARC-Payload-Digest: {records.digest(b'<p>body')}\r\n"
    )


def test_request_fields() -> None:
    assert text(records.request_fields(capture(), OTHER, ID, INFO)) == (
        "WARC-Type: request\r\n"
        "WARC-Record-ID: <urn:uuid:2>\r\n"
        "WARC-Date: 2026-03-01T12:00:00.123456Z\r\n"
        "WARC-Target-URI: https://news.example/a/1\r\n"
        "WARC-IP-Address: 192.0.2.7\r\n"
        "WARC-Warcinfo-ID: <urn:uuid:0>\r\n"
        "WARC-Concurrent-To: <urn:uuid:1>\r\n"
        "Content-Type: application/http;msgtype=request\r\n"
        f"WARC-Block-Digest: {records.digest(REQUEST)}\r\n"
        f"WARC-Payload-Digest: {EMPTY}\r\n"
    )


def test_metadata_has_no_payload_digest() -> None:
    assert text(records.metadata_fields("https://h/", AT, OTHER, INFO, b"via: x\r\n", ID)) == (
        "WARC-Type: metadata\r\n"
        "WARC-Record-ID: <urn:uuid:2>\r\n"
        "WARC-Date: 2026-03-01T12:00:00.123456Z\r\n"
        "WARC-Target-URI: https://h/\r\n"
        "WARC-Concurrent-To: <urn:uuid:1>\r\n"
        "WARC-Warcinfo-ID: <urn:uuid:0>\r\n"
        "Content-Type: application/warc-fields\r\n"
        f"WARC-Block-Digest: {records.digest(b'via: x' + bytes([13, 10]))}\r\n"
    )


def test_a_cut_body_is_said_and_an_unknown_address_is_left_out() -> None:
    cut = replace(capture(), truncated="length", ip="")
    names = dict(records.response_fields(cut, ID, INFO, b"", records.digest(b"")))
    assert names["WARC-Truncated"] == "length"
    assert "WARC-IP-Address" not in names


def test_member_is_one_gzip_member_and_always_the_same() -> None:
    made = records.member([("WARC-Type", "metadata")], b"block")
    assert gzip.decompress(made) == (
        b"WARC/1.1\r\nWARC-Type: metadata\r\nContent-Length: 5\r\n\r\nblock\r\n\r\n"
    )
    assert made == records.member([("WARC-Type", "metadata")], b"block")


@pytest.mark.parametrize(
    ("received", "stored"),
    [
        (
            b"HTTP/1.1 200 OK\r\nX: \xe9\r\nTransfer-Encoding: chunked\r\nx:  b\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nX: \xe9\r\nx-orig-transfer-encoding: chunked\r\nx:  b\r\n"
            b"Content-Length: 7\r\n\r\n",
        ),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-ENCODING :gzip, Chunked\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nx-orig-transfer-encoding :gzip, Chunked\r\n"
            b"Content-Length: 7\r\n\r\n",
        ),
        (
            b"HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n",
            b"HTTP/1.1 200 OK\nx-orig-transfer-encoding: chunked\r\nContent-Length: 7\r\n\r\n",
        ),
        (HEAD, HEAD),
        (b"HTTP/1.0  200\nA:b\nA: c\n\n", b"HTTP/1.0  200\nA:b\nA: c\n\n"),
        (
            b"HTTP/1.1 200 OK\r\nX-Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nX-Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n",
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nX: chunked\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nX: chunked\r\n\r\n",
        ),
    ],
)
def test_only_a_chunked_head_is_rewritten(received: Any, stored: Any) -> None:
    assert records.stored_head(capture(head=received)) == stored


@pytest.mark.parametrize("bad", ["\r\nX: y", "\nX: y", "\r", "\0", "\x1b[2J", "\x7f"])
def test_no_control_character_gets_into_a_field(bad: Any) -> None:
    assert records.fields_text([("A", f"b{bad}")]).count(b"\n") == 1
    assert not set(records.fields_text([("A", f"b{bad}")])[:-2]) & {*range(32), 127}


@pytest.mark.parametrize("breaker", ["\r\n", "\n", "\x0b", "\x0c", "\x1e", "\x85", "\u2028"])
def test_a_value_cannot_become_a_field_when_read_back(breaker: Any) -> None:
    forged = f"x{breaker}archiver-source: forged{breaker}hopsFromSeed: 9"
    found, _ = records.read_context(records.context(failure().link, failure=forged), "")
    assert (found.source, found.hops) == ("news", 0)


@pytest.mark.parametrize(
    "given",
    [
        link(),
        link(kind=Kind.FEED, source="أخبار", via="https://h/?a: b", hops=3),
        link(published=moment(), modified=Moment(AT, "second", None, "")),
        link(told="0123456789 abcdef0123 00112233aa +"),
        link(robots=True),
        link(robots=False),
    ],
)
def test_context_round_trip(given: Any) -> None:
    found, fields = records.read_context(records.context(given, 42), given.url)
    assert found == given
    assert fields["fetchTimeMs"] == "42"


@pytest.mark.parametrize(
    "block",
    [
        b"",
        b"\xff\xfe",
        b"hopsFromSeed: many\r\narchiver-kind: poem\r\narchiver-published: 1 2 3 4\r\n"
        b"archiver-robots: perhaps\r\n",
        b"hopsFromSeed: " + b"9" * 5000,
    ],
)
def test_odd_context_is_read_as_nothing_known(block: Any) -> None:
    found, _ = records.read_context(block, "https://h/")
    assert (found.kind, found.hops, found.published) == (Kind.ARTICLE, 0, None)
    assert found.robots is None


def test_a_block_without_lines_of_a_feed_is_as_it_always_was() -> None:
    block = records.context(link())
    assert block == b"hopsFromSeed: 0\r\narchiver-source: news\r\narchiver-kind: article\r\n"
    assert records.read_context(block, "https://h/")[0].told == ""
    told = records.context(link(told="0123456789 abcdef0123 00112233aa"))
    assert told == block + b"archiver-feed-lines: 0123456789 abcdef0123 00112233aa\r\n"
    for allowed, word in ((True, b"allowed"), (False, b"disallowed")):
        assert records.context(link(robots=allowed)) == block + b"archiver-robots: %s\r\n" % word


def test_failure_block_says_why() -> None:
    _, fields = records.read_context(records.context(failure().link, failure="no such host"), "")
    assert fields["archiver-failure"] == "no such host"


def test_a_length_beside_a_chunked_body_counts_for_nothing() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding:\r\n chunked\r\n\r\n"
    assert records.stored_head(capture("http://a.example/", head=head, body=b"whole body")) == (
        b"HTTP/1.1 200 OK\r\nx-orig-content-length: 5\r\nx-orig-transfer-encoding:\r\n chunked\r\n"
        b"Content-Length: 10\r\n\r\n"
    )

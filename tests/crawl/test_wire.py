"""The exact bytes, of answers good and bad, and rows for those that never came."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import socket
import ssl
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import httpcore
import pytest

from archiver import lines, wire
from archiver.crawl import Task, crawl
from archiver.layout import Layout
from archiver.store.search import Index
from archiver.types import Query, Source
from tests.crawl import warcs
from tests.crawl.conftest import Crawl, config
from tests.crawl.site import MISSING, Site, Talk, moved, paragraphs, reply, stored, story

pytestmark = pytest.mark.usefixtures("lent_worker")

Quick = Callable[..., None]


def log(site: Site) -> Counter[tuple[bytes, bytes]]:
    return Counter((asked.request, stored(bytes(asked.sent))) for asked in site.asked)


def texts(archive: Path) -> dict[str, str]:
    articles = Index(Layout(archive).index).stream(Query())
    return {article.url: article.document.text for article in articles}


def failures(archive: Path) -> dict[str, str]:
    return {
        str(url): str(why) for url, why in warcs.rows(archive, "SELECT url, reason FROM failures")
    }


def chunked(data: bytes, *more: str) -> bytes:
    """Return a reply in chunks with an extension and a trailer, which few servers send."""
    head = reply("", "Content-Type: text/html", "tRANSFER-Encoding:  chunked", *more)
    return head + b"%x;why=not\r\n%b\r\n0\r\nX-Sum: 1\r\n\r\n" % (len(data), data)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


@pytest.fixture
def secure(certificate: tuple[Path, Path]) -> Iterator[Site]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    with Site(tls=context) as running:
        yield running


def secure_source(secure: Site) -> Source:
    secure.stories("/a", "/b", "/c")
    secure.answers["/a"] = chunked(story("/a").encode())
    secure.answers["/b"] = moved("/c")
    return Source("secure", secure.url("/"), sitemaps=(secure.url("/sitemap.xml"),))


def test_bytes_over_tls(secure: Site, archive: Path, quick: Quick) -> None:
    quick(DOWNLOAD_VERIFY_CERTIFICATES=False)
    source = secure_source(secure)
    (result,) = crawl([Task(source)], config(secure.origin), archive)
    assert result.outcomes["new"] == 2
    assert warcs.exchanges(archive) == log(secure)
    assert {r.fields["WARC-IP-Address"] for r in warcs.records(archive, "response")} == {
        "127.0.0.1"
    }


def test_a_certificate_nobody_signed_is_refused(secure: Site, archive: Path) -> None:
    source = secure_source(secure)
    (result,) = crawl([Task(source)], config(secure.origin), archive)
    assert secure.asked == []
    assert not result.articles
    assert any("certificate" in reason.lower() for reason in failures(archive).values())


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_interim_heads_are_cut(site: Site, crawl_site: Crawl, archive: Path, end: bytes) -> None:
    whole = reply(story("/a"))
    hints = end.join([b"HTTP/1.1 103 Early Hints", b"Link: </a.css>; rel=preload", b"", b""])
    site.stories("/a")
    site.answers["/a"] = end.join([b"HTTP/1.1 100 Continue", b"", b""]) + hints + whole
    assert crawl_site().articles == 1
    (record,) = warcs.responses(archive, site.url("/a"))
    assert record.block == whole


def test_interim_heads_in_pieces_are_cut(site: Site, crawl_site: Crawl, archive: Path) -> None:
    whole = reply(story("/a"))

    def slowly(talk: Talk) -> None:
        for byte in b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + whole[:300]:
            talk.send(bytes([byte]))
        talk.send(whole[300:])

    site.stories("/a")
    site.answers["/a"] = slowly
    assert crawl_site().articles == 1
    (record,) = warcs.responses(archive, site.url("/a"))
    assert record.block == whole


def test_odd_heads_are_kept_as_they_are(site: Site, crawl_site: Crawl, archive: Path) -> None:
    site.stories("/a", "/b", "/c", "/d")
    odd = ("x-ODD:   two  spaces", "Set-Cookie: a=1", "Via: 1.1 x", "Set-Cookie: b=2", "X-Empty:")
    site.answers["/a"] = reply(story("/a"), *odd, status="200 Tamam wa-akthar")
    site.answers["/b"] = reply(story("/b"), "X-Latin: caf\u00e9".encode().decode("latin-1"))
    site.answers["/c"] = reply(story("/c")).replace(b" OK\r\n", b"\r\n")
    site.answers["/d"] = chunked(gzip.compress(story("/d").encode()), "Content-Encoding: gzip")
    assert crawl_site().articles == 4
    assert warcs.exchanges(archive) == log(site)


def test_a_body_that_ends_with_the_connection(site: Site, crawl_site: Crawl, archive: Path) -> None:
    whole = b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + story("/a").encode()

    def until_the_end(talk: Talk) -> None:
        talk.send(whole)
        talk.hang_up()

    site.stories("/a")
    site.answers["/a"] = until_the_end
    assert crawl_site().articles == 1
    (record,) = warcs.responses(archive, site.url("/a"))
    assert (record.block, record.truncated) == (whole, "")


def test_bodies_without_content(site: Site, crawl_site: Crawl, archive: Path) -> None:
    site.stories("/a", "/b")
    site.answers["/a"] = b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n"
    site.answers["/b"] = reply("")
    crawl_site()
    assert warcs.exchanges(archive) == log(site)


def test_kept_alive_exchanges_are_kept_apart(site: Site, crawl_site: Crawl, archive: Path) -> None:
    paths = [f"/{number}" for number in range(20)]
    site.stories(*paths)
    for path in paths[::3]:
        site.answers[path] = chunked(story(path).encode())
    assert crawl_site(settings={"concurrency": 1}).articles == 20
    assert len({asked.connection for asked in site.asked}) < 5  # or the test shows nothing
    assert warcs.exchanges(archive) == log(site)
    found = texts(archive)
    assert {url: found[url] for url in found} == {
        site.url(path): "\n\n".join(paragraphs(path)) for path in paths
    }


def test_a_redirect_is_followed_and_kept(site: Site, crawl_site: Crawl, archive: Path) -> None:
    site.stories("/old")
    site.answers |= {"/old": moved("/older"), "/older": moved("/new"), "/new": reply(story("/new"))}
    assert crawl_site().articles == 1
    assert warcs.exchanges(archive) == log(site)
    rows = warcs.rows(
        archive, "SELECT url, status, via, hops FROM exchanges WHERE kind = 'article' ORDER BY id"
    )
    assert rows == [
        (site.url("/old"), 302, site.url("/sitemap.xml"), 1),
        (site.url("/older"), 302, site.url("/old"), 2),
        (site.url("/new"), 200, site.url("/older"), 3),
    ]
    assert list(texts(archive)) == [site.url("/new")]


def test_what_a_feed_told_goes_through_redirects_into_the_record(
    site: Site, crawl_site: Crawl, archive: Path
) -> None:
    text = "".join(f"<p>{line}</p>" for line in paragraphs("/new"))
    feed = {"items": [{"url": "/old", "content_html": text}, {"url": "/else", "summary": text}]}
    feed["version"] = "https://jsonfeed.org/version/1.1"
    site.answers |= {
        "/feed": reply(json.dumps(feed), "Content-Type: application/feed+json"),
        "/old": moved("/new"),
        "/new": reply(story("/new")),
        "/else": reply(story("/else")),
    }
    assert crawl_site(sitemaps=(), feeds=(site.url("/feed"),)).articles == 2
    told = {
        record.url: b"archiver-feed-lines: " + lines.write(paragraphs("/new")).encode()
        for record in warcs.records(archive, "metadata")
        if b"archiver-feed-lines" in record.block
    }
    assert told.keys() == {site.url("/old"), site.url("/new")}
    for record in warcs.records(archive, "metadata"):
        assert told.get(record.url, b"") in record.block.split(b"\r\n")


def test_a_redirect_loop_ends(site: Site, crawl_site: Crawl, archive: Path) -> None:
    site.stories("/x", "/fine")
    site.answers |= {"/x": moved("/y"), "/y": moved("/x")}
    assert crawl_site().articles == 1
    assert sorted(site.targets[2:]) == ["/fine", "/x", "/y"]
    assert warcs.exchanges(archive) == log(site)


def test_a_redirect_without_end_is_a_failure(site: Site, crawl_site: Crawl) -> None:
    site.stories("/0", "/fine")
    site.answers |= {f"/{number}": moved(f"/{number + 1}") for number in range(100)}
    result = crawl_site()
    assert result.articles == 1
    assert len(site.asked) < 40
    assert result.failures == {site.url("/0"): "max redirections reached"}


def test_a_body_shorter_than_promised_is_kept(site: Site, crawl_site: Crawl, archive: Path) -> None:
    part = story("/a").encode()

    def cut(talk: Talk) -> None:
        talk.send(reply(part, f"Content-Length: {len(part) + 1000}"))
        talk.hang_up()

    site.stories("/a", "/b")
    site.answers["/a"] = cut
    result = crawl_site()
    assert result.articles == 2
    record = warcs.responses(archive, site.url("/a"))[0]
    assert record.truncated == "disconnect"
    assert record.block.endswith(b"\r\n\r\n" + part)
    rows = warcs.rows(
        archive, "SELECT truncated, completeness FROM exchanges WHERE truncated != ''"
    )
    assert rows[0] == ("disconnect", "truncated")


def test_chunks_that_break_off_are_kept(site: Site, crawl_site: Crawl, archive: Path) -> None:
    page = story("/a").encode()

    def cut(talk: Talk) -> None:
        talk.send(chunked(page)[: -len(b"0\r\nX-Sum: 1\r\n\r\n")])
        talk.hang_up()

    site.stories("/a")
    site.answers["/a"] = cut
    assert crawl_site().articles == 1
    record = warcs.responses(archive, site.url("/a"))[0]
    assert record.truncated == "disconnect"
    assert record.block.partition(b"\r\n\r\n")[2] == page
    assert b"Content-Length: %d\r\n\r\n" % len(page) in record.block


def test_a_body_over_the_limit_is_cut(
    site: Site, crawl_site: Crawl, archive: Path, quick: Quick
) -> None:
    quick(DOWNLOAD_MAXSIZE=8000)
    page = story("/big").replace("</article>", "<p>more</p>" * 2000 + "</article>").encode()
    site.stories("/big", "/small")
    site.answers["/big"] = reply(page)
    assert crawl_site().articles == 2
    (record,) = warcs.responses(archive, site.url("/big"))
    assert record.truncated == "length"
    assert record.block.partition(b"\r\n\r\n")[2] == page[:8000]
    (small,) = warcs.responses(archive, site.url("/small"))
    assert small.truncated == ""


def test_a_body_that_stalls_is_cut(
    site: Site, crawl_site: Crawl, archive: Path, quick: Quick
) -> None:
    quick(DOWNLOAD_TIMEOUT=0.5)
    page = story("/slow").encode()

    def stall(talk: Talk) -> None:
        talk.send(reply(page, f"Content-Length: {len(page) * 2}"))
        talk.hold()

    site.stories("/slow")
    site.answers["/slow"] = stall
    result = crawl_site()
    assert result.articles == 1
    record = warcs.responses(archive, site.url("/slow"))[0]
    assert record.truncated == "time"
    assert record.block.partition(b"\r\n\r\n")[2] == page


def test_no_answer_at_all_is_a_failure(
    site: Site, crawl_site: Crawl, archive: Path, quick: Quick
) -> None:
    quick(DOWNLOAD_TIMEOUT=0.5, RETRY_TIMES=1)
    site.stories("/mute", "/fine")
    site.answers["/mute"] = Talk.hold
    result = crawl_site()
    assert result.articles == 1
    assert "0.5 s" in result.failures[site.url("/mute")]
    rows = warcs.rows(archive, "SELECT url, kind, source, reason FROM failures")
    assert rows == [(site.url("/mute"), "article", "site", "no answer within 0.5 s")] * 2
    kept = [r for r in warcs.records(archive, "metadata") if r.url == site.url("/mute")]
    assert len(kept) == 2
    assert b"archiver-failure: no answer within 0.5 s\r\n" in kept[0].block


def test_a_refused_connection_is_a_failure(archive: Path, quick: Quick) -> None:
    quick(RETRY_TIMES=0)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        origin = f"http://127.0.0.1:{closed.getsockname()[1]}"
    (result,) = crawl([Task(Source("shut", origin + "/"))], config(origin), archive)
    assert not result.articles
    assert set(failures(archive).values()) == {"the connection was refused"}
    assert failures(archive).keys() <= {origin + "/robots.txt", origin + "/"}


def test_an_unknown_host_is_a_failure(
    archive: Path, monkeypatch: pytest.MonkeyPatch, quick: Quick
) -> None:
    async def resolve(self: object, host: str, port: int, **more: object) -> list[object]:
        # The name must not leave this machine.
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    quick(RETRY_TIMES=0)
    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", resolve)
    source = Source("none", "http://nohost.invalid/", sections=("http://nohost.invalid/",))
    (result,) = crawl([Task(source)], config(), archive)
    assert not result.articles
    assert set(failures(archive).values()) == {"the host's name is not known"}


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nContent-T"])
def test_a_server_that_hangs_up_is_a_failure(
    site: Site, crawl_site: Crawl, archive: Path, start: bytes, quick: Quick
) -> None:
    def hang_up(talk: Talk) -> None:
        talk.send(start)
        talk.hang_up()

    quick(RETRY_TIMES=1)
    site.stories("/gone", "/fine")
    site.answers["/gone"] = hang_up
    result = crawl_site()
    assert result.articles == 1
    assert result.failures.keys() == {site.url("/gone")}
    assert failures(archive).keys() == {site.url("/gone")}
    assert site.targets.count("/gone") == 2


@pytest.mark.parametrize(
    "nonsense", [b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 abc Bad\r\n\r\n", b"\x00\xff" * 500 + b"\r\n"]
)
def test_what_is_not_http_is_a_failure(
    site: Site, crawl_site: Crawl, archive: Path, nonsense: bytes, quick: Quick
) -> None:
    def babble(talk: Talk) -> None:
        talk.send(nonsense)
        talk.hang_up()

    quick(RETRY_TIMES=0)
    site.stories("/odd", "/fine")
    site.answers["/odd"] = babble
    result = crawl_site()
    assert result.articles == 1
    assert result.failures.keys() == failures(archive).keys() == {site.url("/odd")}


def test_large_heads(site: Site, crawl_site: Crawl, archive: Path, quick: Quick) -> None:
    quick(RETRY_TIMES=0)
    site.stories("/large", "/endless", "/fine")
    site.answers["/large"] = reply(story("/large"), "X-Large: " + "l" * 60_000)
    site.answers["/endless"] = reply(story("/endless"), "X-Endless: " + "e" * 400_000)
    result = crawl_site()
    assert result.articles == 2
    (record,) = warcs.responses(archive, site.url("/large"))
    assert record.block == site.answers["/large"]
    assert failures(archive).keys() == {site.url("/endless")}


def test_a_gzip_bomb_is_kept_and_marked(site: Site, crawl_site: Crawl, archive: Path) -> None:
    page = story("/bomb").encode() + b" " * 70_000_000
    site.stories("/bomb", "/fine")
    site.answers["/bomb"] = reply(gzip.compress(page), "Content-Encoding: gzip")
    result = crawl_site()
    assert result.outcomes["new"] >= 1
    (record,) = warcs.responses(archive, site.url("/bomb"))
    assert record.block == site.answers["/bomb"]
    rows = warcs.rows(
        archive, "SELECT completeness, note FROM exchanges WHERE url = ?", site.url("/bomb")
    )
    assert rows[0][0] in ("truncated", "raw_only")
    assert rows[0][1]


def test_a_broken_gzip_body_is_kept_and_marked(
    site: Site, crawl_site: Crawl, archive: Path
) -> None:
    half = gzip.compress(story("/half").encode())[:-400]
    site.stories("/half", "/fine")
    site.answers["/half"] = reply(half, "Content-Encoding: gzip")
    crawl_site()
    records = warcs.responses(archive, site.url("/half"))
    assert {record.block for record in records} == {site.answers["/half"]}
    rows = warcs.rows(
        archive, "SELECT completeness FROM exchanges WHERE url = ?", site.url("/half")
    )
    assert set(rows) == {("truncated",)}


def test_requests_say_who_asks(site: Site, crawl_site: Crawl) -> None:
    site.stories("/a")
    crawl_site(settings={"contact": "desk@archive.example"})
    for asked in site.asked:
        assert asked.header("user-agent").startswith("archiver/")
        assert asked.header("user-agent").endswith(" (+desk@archive.example)")
        assert asked.header("from") == "desk@archive.example"
        assert asked.header("accept-encoding") == "gzip"
        assert asked.header("host") == site.address
        assert asked.request.count(b"ost: ") == 1
        assert not asked.header("cookie")


def test_a_cookie_is_not_sent_back(site: Site, crawl_site: Crawl) -> None:
    site.stories("/a", "/b")
    site.answers["/a"] = reply(story("/a"), "Set-Cookie: visitor=1; Path=/")
    crawl_site(settings={"concurrency": 1})
    assert not any(asked.header("cookie") for asked in site.asked)


def test_captured_heads_survive_tls_in_httpcore(
    secure: Site, certificate: tuple[Path, Path]
) -> None:
    # Should httpcore move its seam, this says so more plainly than a crawl.
    secure.answers["/"] = reply("hello", "X-Odd:  1")

    async def ask() -> tuple[bytes, bytes]:
        backend = wire._Backend(frozenset({secure.address}))
        context = ssl.create_default_context(cafile=str(certificate[0]))
        async with (
            httpcore.AsyncConnectionPool(ssl_context=context, network_backend=backend) as pool,
            pool.stream("GET", secure.url("/")) as response,
        ):
            await response.aread()
            stream = response.extensions["network_stream"]
            return bytes(stream.sent), bytes(stream.received)

    sent, received = asyncio.run(ask())
    assert sent == secure.asked[0].request
    assert received == secure.asked[0].sent


def test_a_missing_page_is_kept(site: Site, crawl_site: Crawl, archive: Path) -> None:
    site.stories("/a", "/b")
    site.answers["/a"] = MISSING
    result = crawl_site()
    assert result.failures == {site.url("/a"): "HTTP 404"}
    (record,) = warcs.responses(archive, site.url("/a"))
    assert record.block == MISSING


@pytest.mark.parametrize("extra", [b"", b"HTTP/1.1 200 OK\r\nX-Half: 1\r\n"])
def test_an_answer_before_the_question_is_not_believed(
    site: Site, crawl_site: Crawl, archive: Path, extra: bytes
) -> None:
    forged = reply(story("/forged")) + extra
    site.stories("/twice", "/next", "/last")
    site.answers["/twice"] = reply(story("/twice")) + forged
    crawl_site(settings={"concurrency": 1})
    found = texts(archive)
    assert {url: found[url] for url in map(site.url, ("/twice", "/next", "/last"))} == {
        site.url(path): "\n\n".join(paragraphs(path)) for path in ("/twice", "/next", "/last")
    }
    assert not warcs.rows(archive, "SELECT id FROM exchanges WHERE status = 0")


def test_a_length_that_stands_twice_is_believed(
    site: Site, crawl_site: Crawl, archive: Path
) -> None:
    site.stories("/a")
    head, _, body = reply(story("/a")).partition(b"\r\n\r\n")
    length = b"\r\nContent-Length: %d" % len(body)
    head = re.sub(rb"(?i)\r\ncontent-length:[^\r]*", b"", head)
    site.answers["/a"] = head + length + length + b"\r\n\r\n" + body
    assert crawl_site().articles == 1
    assert warcs.exchanges(archive) == log(site)

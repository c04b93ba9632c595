"""Hooks: what happened is told to real receivers, at least once, and nothing that they do stops a run."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest

from archiver import hooks
from archiver.store.runs import Runs
from archiver.work import Hooks

NOW = datetime(2026, 3, 26, 4, 0, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
# What the web may put in a title.
NASTY = "\x1b[31m <b>&\"'\u202e عنوان \x00\ud800\u2028\x9b"
ATOM = "{http://www.w3.org/2005/Atom}"


class Receiver:
    """A web server that answers as it is told, and remembers what it was told."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[int] = []
        self.release = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.path, dict(self.headers), body))
                status = receiver.answers.pop(0) if receiver.answers else 204
                if status == 0:  # no answer at all, for as long as the test wants
                    receiver.release.wait(30)
                    return
                with suppress(OSError):
                    self.send_response(status)
                    self.send_header("Location", "/elsewhere")
                    self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook?key=1"
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}
        )
        self.thread.start()

    def close(self) -> None:
        self.release.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    running = Receiver()
    yield running
    running.close()


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[Runs]:
    with Runs(tmp_path / "runs.db") as opened:
        yield opened


@pytest.fixture
def told() -> list[str]:
    return []


def program(folder: Path, body: str) -> tuple[str, ...]:
    script = folder / "hook.py"
    script.write_text(f"import os, sys, time\n{body}\n")
    return (sys.executable, str(script), str(folder / "out"))


def fill(runs: Runs, count: int = 3) -> list[str]:
    return [
        runs.events.add(
            "match", "post", {"title": f"{NASTY}{n}", "url": "https://post.example/1"}, NOW
        )
        for n in range(count)
    ]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def test_every_hook_is_told_everything_once_in_its_order(
    runs: Runs, receiver: Receiver, tmp_path: Path, told: list[str]
) -> None:
    command = program(tmp_path, "open(sys.argv[1], 'ab').write(sys.stdin.buffer.read())")
    given = Hooks(command, receiver.url, tmp_path / "lines.jsonl", tmp_path / "feed.atom")
    uids = fill(runs)
    assert hooks.deliver(runs, given, NOW, told.append) == 3
    assert hooks.deliver(runs, given, NOW + DAY, told.append) == 0
    assert told == []
    posted = [json.loads(body) for _, _, body in receiver.got]
    assert posted == lines(tmp_path / "out") == lines(tmp_path / "lines.jsonl")
    assert [each["id"] for each in posted] == uids
    assert posted[0] == {
        "id": uids[0], "at": "2026-03-26T04:00:00.000000Z", "kind": "match", "source": "post",
        "title": f"{NASTY}0", "url": "https://post.example/1",
    }  # fmt: skip
    path, headers, _ = receiver.got[0]
    assert (path, headers["Content-Type"]) == ("/hook?key=1", "application/json")
    assert headers["User-Agent"].startswith("archiver/")


def test_what_a_terminal_would_obey_is_escaped_and_arabic_is_not(
    runs: Runs, tmp_path: Path
) -> None:
    fill(runs, 1)
    hooks.deliver(runs, Hooks(lines=tmp_path / "l"), NOW)
    written = (tmp_path / "l").read_text("utf-8")
    assert written.count("\n") == 1
    assert "عنوان" in written
    assert not set(written) & set("\x1b\u202e\u2028\x9b\x00")


def test_data_cannot_stand_in_the_place_of_what_an_event_is(runs: Runs, tmp_path: Path) -> None:
    uid = runs.events.add("match", "post", {"id": "x", "kind": "alarm"}, NOW)
    hooks.deliver(runs, Hooks(lines=tmp_path / "l"), NOW)
    (row,) = lines(tmp_path / "l")
    assert (row["id"], row["kind"]) == (uid, "match")


def test_without_hooks_nothing_waits_for_one_that_may_come(runs: Runs, tmp_path: Path) -> None:
    fill(runs)
    assert hooks.deliver(runs, Hooks(), NOW) == 3
    assert runs.events.waiting() == 0
    hooks.deliver(runs, Hooks(lines=tmp_path / "l"), NOW)
    assert not (tmp_path / "l").exists()


def test_who_failed_is_told_again_and_nobody_else(
    runs: Runs, receiver: Receiver, tmp_path: Path, told: list[str]
) -> None:
    given = Hooks(webhook=receiver.url, lines=tmp_path / "l")
    uids = fill(runs)
    receiver.answers = [200, 500]
    assert hooks.deliver(runs, given, NOW, told.append) == 1
    assert len(receiver.got) == 2  # after a failure it is left alone
    assert told == ["hook webhook: HTTP Error 500: Internal Server Error"]
    assert hooks.deliver(runs, given, NOW, told.append) == 1  # the third was not tried yet
    assert hooks.deliver(runs, given, NOW + MINUTE, told.append) == 1
    assert [json.loads(body)["id"] for _, _, body in receiver.got] == [
        uids[0],
        uids[1],
        uids[2],
        uids[1],
    ]
    assert [row["id"] for row in lines(tmp_path / "l")] == uids
    assert runs.events.waiting() == 0


def test_after_twenty_attempts_it_is_given_up_and_said(
    runs: Runs, receiver: Receiver, told: list[str]
) -> None:
    (uid,) = fill(runs, 1)
    receiver.answers = [503] * 30
    now = NOW
    while runs.events.waiting():
        hooks.deliver(runs, Hooks(webhook=receiver.url), now, told.append)
        now += timedelta(hours=6)
    assert len(receiver.got) == 20
    assert told[-1] == f"hook webhook: event {uid} (match of post) is given up"
    assert sum("given up" in message for message in told) == 1


def test_a_redirect_is_not_followed(runs: Runs, receiver: Receiver, told: list[str]) -> None:
    fill(runs, 1)
    for status in (301, 302, 303, 307, 308):
        receiver.answers = [status]
        hooks.deliver(runs, Hooks(webhook=receiver.url), NOW + DAY * status, told.append)
    assert [path for path, _, _ in receiver.got] == ["/hook?key=1"] * 5
    assert all("HTTP Error 30" in message for message in told)


def test_a_server_that_says_nothing_is_waited_for_no_longer_than_that(
    runs: Runs, receiver: Receiver, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "WEBHOOK_SECONDS", 0.2)
    fill(runs, 5)
    receiver.answers = [0] * 5
    assert hooks.deliver(runs, Hooks(webhook=receiver.url), NOW, told.append) == 0
    assert len(receiver.got) == 1
    assert len(told) == 1
    receiver.release.set()


def test_nobody_listens(runs: Runs, told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("http_proxy", raising=False)
    with socket.socket() as taken:  # bound, and never listening
        taken.bind(("127.0.0.1", 0))
        fill(runs)
        given = Hooks(webhook=f"http://127.0.0.1:{taken.getsockname()[1]}/")
        assert hooks.deliver(runs, given, NOW, told.append) == 0
    assert "refused" in told[0]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("sys.stdin.read(); print('no \\x1b[31mway', file=sys.stderr); sys.exit(3)", r"ended with 3: no \x1b[31mway"),
        ("os.kill(os.getpid(), 9)", "ended with -9"),
        ("sys.exit(1)", "ended with 1"),  # it did not even read
    ],
)  # fmt: skip
def test_a_command_that_fails_is_told_and_tried_again(
    runs: Runs, tmp_path: Path, told: list[str], body: str, said: str
) -> None:
    fill(runs, 100)
    given = Hooks(command=program(tmp_path, body))
    assert hooks.deliver(runs, given, NOW, told.append) == 0
    assert said in told[0]
    assert len(told) == 1
    given = Hooks(command=program(tmp_path, "sys.stdin.read()"))
    assert hooks.deliver(runs, given, NOW + MINUTE, told.append) == 100


def test_a_command_that_is_not_there(runs: Runs, told: list[str]) -> None:
    fill(runs)
    hooks.deliver(runs, Hooks(command=("/no/such/program",)), NOW, told.append)
    assert "No such file" in told[0]


def test_a_command_that_hangs_is_ended_with_all_that_it_began(
    runs: Runs, tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "COMMAND_SECONDS", 2)
    child = tmp_path / "child"
    os.mkfifo(child)
    # A child of it holds a pipe open, which is at its end when the child is gone.
    body = (
        "import subprocess, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"hold = open({str(child)!r}, 'wb')\n"
        "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'], pass_fds=[hold.fileno()])\n"
        "time.sleep(600)"
    )
    fill(runs)
    ended: list[bytes] = []
    reader = threading.Thread(target=lambda: ended.append(child.read_bytes()))
    reader.start()
    hooks.deliver(runs, Hooks(command=program(tmp_path, body)), NOW, told.append)
    assert "was ended after 2 seconds" in told[0]
    reader.join(20)
    assert ended == [b""]


def test_a_command_that_is_interrupted_is_ended_too(runs: Runs, tmp_path: Path) -> None:
    fill(runs)
    body = f"os.kill({os.getpid()}, {int(signal.SIGINT)})\ntime.sleep(600)"
    with pytest.raises(KeyboardInterrupt):
        hooks.deliver(runs, Hooks(command=program(tmp_path, body)), NOW)
    assert runs.events.waiting() == 3


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: path.symlink_to("/none/x")])
def test_files_that_cannot_be_written(
    runs: Runs, tmp_path: Path, told: list[str], make: Callable[[Path], None]
) -> None:
    fill(runs)
    make(tmp_path / "l")
    given = Hooks(lines=tmp_path / "l", atom=tmp_path / "none" / "feed")
    assert hooks.deliver(runs, given, NOW, told.append) == 0
    assert [message.split(":")[0] for message in told] == ["hook lines", "hook atom"]


def test_no_room_leaves_no_half_a_line(runs: Runs, told: list[str]) -> None:
    fill(runs)
    assert hooks.deliver(runs, Hooks(lines=Path("/dev/full")), NOW, told.append) == 0
    assert "No space left" in told[0]


def test_the_feed_is_one_that_readers_take(runs: Runs, tmp_path: Path) -> None:
    path = tmp_path / "feed.atom"
    fill(runs, 320)
    runs.events.add(
        "alarm",
        "post",
        {"alarm": "silent", "what": "no new article", "url": "javascript:x"},
        NOW + DAY,
    )
    hooks.deliver(runs, Hooks(atom=path), NOW + DAY)
    hooks.deliver(runs, Hooks(atom=path), NOW + DAY)
    root = ElementTree.fromstring(path.read_bytes())
    assert root.tag == f"{ATOM}feed"
    # RFC 4287, 4.1.1 and 4.1.2: what a feed and an entry must have.
    for name in ("id", "title", "updated", "author"):
        assert len(root.findall(f"{ATOM}{name}")) == 1
    entries = root.findall(f"{ATOM}entry")
    assert len(entries) == 300
    for entry in entries:
        for name in ("id", "title", "updated", "content"):
            assert len(entry.findall(f"{ATOM}{name}")) == 1
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == 300
    assert entries[0].findtext(f"{ATOM}title") == "post: silent: no new article"
    assert entries[0].find(f"{ATOM}link") is None
    parsed = feedparser.parse(path.read_bytes())
    assert not parsed.bozo
    assert parsed.entries[1].link == "https://post.example/1"
    assert parsed.feed.updated == "2026-03-27T04:00:00Z"
    before = root.findtext(f"{ATOM}id")
    runs.events.add("match", "echo", {"title": "x"}, NOW + 2 * DAY)
    hooks.deliver(runs, Hooks(atom=path), NOW + 2 * DAY)
    again = ElementTree.fromstring(path.read_bytes())
    assert again.findtext(f"{ATOM}id") == before
    assert [entry.findtext(f"{ATOM}id") for entry in again.findall(f"{ATOM}entry")][1] == ids[0]
    assert [file.name for file in tmp_path.iterdir() if ".new" in file.name] == []


def test_a_match_reads_as_an_article_does(runs: Runs, tmp_path: Path) -> None:
    path = tmp_path / "feed.atom"
    data = {
        "watch": "floods", "query": "فيضان", "what": "new", "article": 7, "version": 1, "language": "ar",
        "url": "https://post.example/7?a=1&b=2", "title": "فيضان \u2069\u202e<b> (2)",
        "snippet": "وصل <i>الفيضان</i>\x00 & عاد…",
    }  # fmt: skip
    runs.events.add("match", "post", data, NOW)
    runs.events.add("match", "post", data | {"url": "javascript:x", "title": ""}, NOW)
    runs.events.add("match", "", {"watch": "floods", "query": "x", "what": "more", "more": 17}, NOW)
    hooks.deliver(runs, Hooks(atom=path), NOW)
    ElementTree.fromstring(path.read_bytes())  # which is stricter than readers are
    more, bad, entry = feedparser.parse(path.read_bytes()).entries
    assert entry.title == "\u2068فيضان \ufffd\ufffd<b> (2)\u2069"
    assert (entry.link, entry.author) == ("https://post.example/7?a=1&b=2", "post")
    assert [tag.term for tag in entry.tags] == ["match", "floods"]
    assert (entry.summary_detail.type, entry.summary_detail.language) == ("text/html", "ar")
    assert entry.summary == '<p dir="auto">وصل &lt;i&gt;الفيضان&lt;/i&gt;\ufffd &amp; عاد…</p>'
    assert "content" not in entry
    assert (bad.title, bad.get("links", [])) == ("javascript:x", [])
    assert bad.content[0].value.startswith('<p dir="auto">وصل')
    assert more.title == "floods: 17 more"
    assert more.content[0].value == '<p dir="auto">floods: 17 more</p>'


def test_hundreds_are_told_in_one_tick(runs: Runs, tmp_path: Path) -> None:
    uids = fill(runs, 450)
    assert hooks.deliver(runs, Hooks(lines=tmp_path / "l"), NOW) == 450
    assert [row["id"] for row in lines(tmp_path / "l")] == uids


def test_an_event_with_an_id_of_its_own_is_there_once(runs: Runs) -> None:
    for title in ("a", "b"):
        assert runs.events.add("match", "post", {"title": title}, NOW, "own") == "own"
    assert [event.data for event in runs.events.latest()] == [{"title": "a"}]

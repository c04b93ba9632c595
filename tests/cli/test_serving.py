"""The loop for who has no timer: it runs what is due, and ends with Ctrl-C."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from archiver.cli.serving import serve
from archiver.errors import ConfigError
from tests.crawl.site import Site


def test_it_runs_what_is_due_again_and_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("archiver.cli.serving.LOOK", timedelta(milliseconds=1))
    answers = [timedelta(0), ConfigError("is not valid TOML"), timedelta(0), KeyboardInterrupt()]

    def wait() -> timedelta:
        answer = answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer

    log = tmp_path / "log"
    code = f"open({str(log)!r}, 'a').write('tick\\n'); raise SystemExit(1)"
    with pytest.raises(KeyboardInterrupt):
        serve([sys.executable, "-c", code], wait)
    assert log.read_text() == "tick\ntick\n"
    assert "is not valid TOML" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_with_the_tick_that_is_under_way(tmp_path: Path, number: signal.Signals) -> None:
    with Site() as site:
        site.stories("/a")
        site.answers["/a"] = lambda talk: talk.hold()
        (tmp_path / "sources.toml").write_text(
            f'allow_hosts = ["{site.address}"]\ndelay = 0\n[sources.site]\nhome = "{site.url("/")}"\n'
            f'sitemaps = ["{site.url("/sitemap.xml")}"]\n'
        )
        command = [sys.executable, "-m", "archiver", "schedule", "serve"]
        places = ["--archive", str(tmp_path / "a"), "--config", str(tmp_path / "sources.toml")]
        serving = subprocess.Popen([*command, *places], stderr=subprocess.PIPE)
        assert site.holding.wait(30)
        serving.send_signal(number)
        _, said = serving.communicate(timeout=40)
        assert serving.returncode == 130
        assert b"Traceback" not in said
        assert b"all that was fetched is kept" in said

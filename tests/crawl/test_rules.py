"""Of a robots.txt, the parser gets what concerns us."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from archiver.middlewares.rules import MAX_RULES, rules
from tests.crawl.conftest import Crawl
from tests.crawl.site import Site, robots

pytestmark = pytest.mark.usefixtures("lent_worker")

LINES = [
    "User-agent: *", "User-agent: archiver", "user-agent: Archiver*", "User-Agent: other",
    "useragent: other # archiver", "Disallow: /a", "Allow: /a/b", "Disallow: /", "Disallow:",
    "Crawl-delay: 2", "Sitemap: https://x.example/s.xml", "# a comment", "", "nonsense",
    "Disallow: /*.pdf$", "User-agent: arch",
]  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=14))
def test_what_is_left_out_changes_nothing(lines: list[str]) -> None:
    text = "\n".join(lines)
    left = rules(text.encode(), "archiver")
    assert left is not None
    whole, short = Protego.parse(text), Protego.parse(left.decode())
    for path in ("/", "/a", "/a/b", "/x.pdf", "/c"):
        url = f"https://x.example{path}"
        assert whole.can_fetch(url, "archiver") == short.can_fetch(url, "archiver")
    assert whole.crawl_delay("archiver") == short.crawl_delay("archiver")


@given(st.binary())
def test_no_bytes_break_it(data: bytes) -> None:
    assert len(rules(data, "archiver") or b"") <= len(data)


def test_groups_of_others_do_not_count() -> None:
    text = (
        b"User-agent: other\n" + b"Disallow: /a\n" * (MAX_RULES * 2) + b"\nUser-agent: *\nAllow: /"
    )
    assert rules(text, "archiver") == b"User-agent: *\nAllow: /"


@pytest.mark.parametrize("line", ["Disallow: /*a*b*c*{n}", "Allow: /{n}"])
def test_more_rules_than_can_be_followed_allow_nothing(
    site: Site, crawl_site: Crawl, line: str
) -> None:
    site.stories("/a", "/b")
    many = "\n".join(line.format(n=n) for n in range(20_000))
    site.answers["/robots.txt"] = robots(f"User-agent: *\n{many}\n")
    result = crawl_site()
    assert set(site.targets) == {"/robots.txt"}
    assert result.refused == {"robots.txt has too many rules to follow": 2}

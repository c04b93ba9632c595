from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver import urls


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("HTTP://News.Example.COM", "http://news.example.com/"),
        ("  https://a.com:443/x#part ", "https://a.com/x"),
        ("https://user:secret@a.com/", "https://a.com/"),
        ("http://a.com:8080/x", "http://a.com:8080/x"),
        ("http://a.com/?utm_source=m&id=3&fbclid=9&b", "http://a.com/?id=3&b"),
        ("http://a.com/?eid=2&cid=1", "http://a.com/?eid=2&cid=1"),
        ("http://a.com/my file", "http://a.com/my%20file"),
        ("http://a.com/li\nne", "http://a.com/line"),
        ("http://a.com/خبر?q=س", "http://a.com/%D8%AE%D8%A8%D8%B1?q=%D8%B3"),
        ("http://a.com/%d8%ae", "http://a.com/%D8%AE"),
        ("http://bücher.de/", "http://xn--bcher-kva.de/"),
        ("http://[::1]:80/a", "http://[::1]/a"),
        ("http://a.com/\ud800", "http://a.com/%3F"),
    ],
)
def test_one_spelling_for_one_page(url: str, wanted: str) -> None:
    assert urls.normalise(url) == wanted


@pytest.mark.parametrize(
    "url",
    ["", "a.com", "//a.com/", "ftp://a.com/", "javascript:alert(1)", "mailto:a@b.com", "http://",
     "http:///x", "http://[::1/", "http://a.com:99999/", "http://a.com:0/", "http://a b.com/",
     "http://%31.com/", "http://［::1］/"],
)  # fmt: skip
def test_what_is_no_web_page_is_nothing(url: str) -> None:
    assert urls.normalise(url) == ""


@settings(deadline=None, max_examples=300)
@given(
    st.one_of(st.text(), st.text().map("http://".__add__), st.text().map("http://a.com/".__add__))
)
def test_normalising_never_raises_and_settles(text: str) -> None:
    once = urls.normalise(text)
    assert urls.normalise(once) == once
    assert once.isascii()
    assert not set(once) & set(" \r\n\t\0")
    assert urls.site(once) is not None


@settings(deadline=None, max_examples=200)
@given(st.text())
def test_joining_never_raises(reference: str) -> None:
    joined = urls.join("http://a.com/b/", reference)
    assert joined == urls.normalise(joined)


@pytest.mark.parametrize(
    ("reference", "wanted"),
    [
        ("c", "http://a.com/b/c"),
        ("/c?id=1#x", "http://a.com/c?id=1"),
        ("//b.com", "http://b.com/"),
        ("", ""),
        ("  ", ""),
        ("javascript:void(0)", ""),
        ("http://[", ""),
    ],
)
def test_a_reference_is_seen_from_its_base(reference: str, wanted: str) -> None:
    assert urls.join("http://a.com/b/", reference) == wanted


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://www.a.co.uk/", "https://news.a.co.uk/x", True),
        ("http://a.co.uk/", "http://b.co.uk/", False),
        ("http://127.0.0.1:1/", "http://127.0.0.1:2/", False),
        ("http://127.0.0.1:1/a", "http://127.0.0.1:1/b", True),
        ("http://[::1]:1/", "http://[::1]:2/", False),
    ],
)
def test_a_site_is_a_registrable_domain(one: str, other: str, same: bool) -> None:
    assert (urls.site(one) == urls.site(other)) is same


@pytest.mark.parametrize(
    ("declared", "wanted"),
    [
        ("/story", "http://www.a.com/story"),
        ("https://a.com/story", "https://a.com/story"),
        ("http://b.com/story", "http://www.a.com/x?id=1"),
        ("http://www.a.com/", "http://www.a.com/x?id=1"),
        ("", "http://www.a.com/x?id=1"),
        ("http://[", "http://www.a.com/x?id=1"),
    ],
)
def test_a_canonical_counts_within_its_site_only(declared: str, wanted: str) -> None:
    assert urls.canonical(declared, "http://www.a.com/x?id=1") == wanted


def test_the_front_page_may_call_itself_the_front_page() -> None:
    assert urls.canonical("http://a.com/", "http://a.com/index.html") == "http://a.com/"


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("http://a.com/2026/03/storm", True),
        ("http://a.com/news/184223", True),
        ("http://a.com/show.php?newsid=12", True),
        ("http://a.com/story/storm", True),
        ("http://a.com/the-storm-is-over", True),
        ("http://a.com/%D8%AE-%D8%AE-%D8%AE-%D8%AE", True),
        ("http://a.com/sport", False),
        ("http://a.com/sport/local-cup", False),
        ("http://a.com/?page=2", False),
    ],
)
def test_a_story_is_guessed_from_its_address(url: str, wanted: bool) -> None:
    assert urls.looks_like_article(url) is wanted


@pytest.mark.parametrize(
    ("path", "wanted"), [("a.JPG", False), ("a.html", True), ("a.pdf?x", False)]
)
def test_a_file_is_no_page(path: str, wanted: bool) -> None:
    assert urls.is_page(f"http://a.com/{path}") is wanted


@pytest.mark.parametrize(
    ("address", "wanted"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1", True),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::8.8.8.8", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("ff0e::1", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::127.0.0.1", False),
        ("64:ff9b:1::10.0.0.1", False),
        ("::127.0.0.1", False),
    ],
)
def test_only_global_addresses_are_dialled(address: str, wanted: bool) -> None:
    assert urls.is_global(address) is wanted


@pytest.mark.parametrize(
    ("url", "others"),
    [
        (
            "https://a.com/x?id=1",
            "http://a.com/x?id=1 https://www.a.com/x/?id=1 http://www.a.com/x?id=1",
        ),
        ("http://www.a.com/x/", "https://a.com/x http://a.com/x/"),
        ("https://a.com/", "http://a.com/ https://www.a.com/"),
        ("http://a.com:8080/x", "http://a.com:8080/x/ http://www.a.com:8080/x"),
    ],
)
def test_the_spellings_of_an_address(url: str, others: str) -> None:
    found = urls.spellings(url)
    assert set(others.split()) <= found
    assert url not in found
    assert all(url in urls.spellings(other) for other in found)
    assert found == {urls.normalise(other) for other in found}


def test_what_is_no_web_page_has_no_spellings() -> None:
    assert urls.spellings("urn:x") == urls.spellings("") == set()

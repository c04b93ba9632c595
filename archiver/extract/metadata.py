"""Title, authors, dates, tags and rights of an article: JSON-LD and Open Graph first, then the page."""

from __future__ import annotations

import re
from typing import Any

from archiver import dates
from archiver.extract.boilerplate import fold
from archiver.extract.page import Page
from archiver.types import Link, Moment

_PUBLISHED = ("article:published_time", "og:article:published_time", "datepublished", "parsely-pub-date",
              "pubdate", "publishdate", "publish-date", "date", "dc.date.issued", "dc.date", "dcterms.created",
              "sailthru.date", "cxenseparse:recs:publishtime")  # fmt: skip
_MODIFIED = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "last-modified",
    "dcterms.modified",
)
_AUTHOR = ("author", "article:author", "parsely-author", "dc.creator", "byl", "sailthru.author")
_CUT = re.compile(r"\s+[|\-–—•·:]+\s+|\s*\|\s*")
_BYLINE = "//*[@itemprop='author' or @rel='author' or contains(@class,'byline') or contains(@class,'author')]"
_NO_NAME = re.compile(r"https?:|www\.|@|\.(?:html?|aspx?|php)\b|[<>{}]|\d{3,}", re.IGNORECASE)
_YEAR = re.compile("[12١٢۱۲]\\d{3}")
_BYLINE_TEXT = re.compile(
    r"(?:^|[-–|·•]\s*)(?:بقلم|الكاتبة?|كتب[ت]?|إعداد|نویسنده|به قلم|מאת|[Bb]y|[Ww]ritten by)\s*[:：]?\s+"
    r"((?:[^\W\d_][\w.'’\u200c\U00010080-]*\s?){2,5})$"
)
_DATELINE = "//*[contains(@class,'date') or contains(@class,'time') or contains(@id,'date') or contains(@id,'Date')]"
_BY = re.compile(
    r"^(?:by|written by|author|الكاتب|بقلم|كتب|كتبت|إعداد|تحرير|نویسنده|به قلم|מאת)\s*[:：]?\s+",
    re.IGNORECASE,
)


def title(page: Page) -> str:
    """Return the headline, without the site's name and never the words "news-details".

    First the h1 that another mark confirms; else what a mark says and the page shows; else what a
    mark says, less the site's name.
    """
    told = [
        _text(page.article_data.get("headline")),
        page.meta.get("og:title", ""),
        page.meta.get("twitter:title", ""),
        page.first("//title"),
    ]
    told = [t for t in told if t and fold(t) != "news details"]
    headings = [" ".join("".join(h.itertext()).split()) for h in page.tree.iter("h1")]
    headings = [h for h in headings if fold(h) not in ("", "news details", _site(page))]
    for heading in headings:
        if any(fold(heading) in fold(t) for t in told):
            return heading
    if not told:
        return headings[0] if headings else page.first("//h2")
    shown = _shown(page)
    for candidate in (c for t in told for c in _candidates(t)):
        if fold(candidate) in shown:
            return candidate
    return _without_site(told[0], page)


def _site(page: Page) -> str:
    return fold(page.meta.get("og:site_name", ""))


def _candidates(text: str) -> list[str]:
    """Return a title whole, then without what follows its last separator, and so on."""
    found = [text]
    for cut in reversed(list(_CUT.finditer(text))):
        found.append(text[: cut.start()].strip())
    return [c for c in found if len(c) > 10]


def _shown(page: Page) -> frozenset[str]:
    """Return the folded lines that stand by themselves in the page's body."""
    tags = ("h2", "h3", "b", "strong", "font", "span", "div", "td", "p")
    return frozenset(
        fold(e.text) for e in page.tree.iter(*tags) if e.text and 10 < len(e.text) < 300
    )


def _without_site(text: str, page: Page) -> str:
    """Cut the site's name off either end: the name it gives itself, or a short last part."""
    cuts = list(_CUT.finditer(text))
    if not cuts:
        return text
    first, last = text[: cuts[0].start()], text[cuts[-1].end() :]
    if _site(page) and fold(first) == _site(page):
        return text[cuts[0].end() :].strip()
    rest = text[: cuts[-1].start()].strip()
    named = _site(page) and fold(last) == _site(page)
    return rest if named or len(last) * 2 < len(rest) else text


def authors(page: Page) -> tuple[str, ...]:
    """Return the names of people: never the site's own name, an address or a file name."""
    told = _names(page.article_data.get("author"))
    told += [page.meta[name] for name in _AUTHOR if name in page.meta]
    if not told:
        told = [" ".join("".join(e.itertext()).split()) for e in page.tree.xpath(_BYLINE)[:2]]
    if not told:
        told = [match[1] for line in _lines(page) if (match := _BYLINE_TEXT.search(line))][:1]
    site = _site(page)
    names: dict[str, str] = {}
    for text in told:
        name = _BY.sub("", text).strip(" :،,-|")
        if 3 <= len(name) <= 60 and not _NO_NAME.search(name) and fold(name) not in ("", site):
            names.setdefault(fold(name), name)
    return tuple(names.values())[:8]


def _names(value: Any, depth: int = 0) -> list[str]:
    if depth > 4:
        return []
    if isinstance(value, list):
        return [name for item in value[:8] for name in _names(item, depth + 1)]
    if isinstance(value, dict):
        organization = value.get("@type") == "Organization"
        return [] if organization else _names(value.get("name"), depth + 1)
    return [value] if isinstance(value, str) else []


def published(page: Page, link: Link) -> Moment | None:
    """Return when the article was published.

    The first that can be read of JSON-LD, meta tags, a ``time`` element, what the feed or sitemap
    said, a date line on the page.
    """
    return (
        dates.parse(_text(page.article_data.get("datePublished")), "json-ld")
        or _from_meta(page, _PUBLISHED)
        or _from_time(page)
        or link.published
        or _from_dateline(page)
    )


def modified(page: Page, link: Link) -> Moment | None:
    """Return when the article says it was last changed."""
    return (
        dates.parse(_text(page.article_data.get("dateModified")), "json-ld")
        or _from_meta(page, _MODIFIED)
        or link.modified
    )


def _from_meta(page: Page, names: tuple[str, ...]) -> Moment | None:
    found = (dates.parse(page.meta[name], "meta") for name in names if name in page.meta)
    return next(filter(None, found), None)


def _from_time(page: Page) -> Moment | None:
    """Return the date of the first ``time`` element before or at the top of the article."""
    for element in page.tree.iter("time"):
        told = element.get("datetime") or "".join(element.itertext())
        if moment := dates.parse(told, "time"):
            return moment
    return None


def _from_dateline(page: Page) -> Moment | None:
    for element in page.tree.xpath(_DATELINE)[:10]:
        line = " ".join("".join(element.itertext()).split())
        if len(line) <= 80 and (moment := dates.parse(line, "text")):
            return moment
    for line in _lines(page):
        # A sentence may tell of any day; a date line has no full stop.
        if _YEAR.search(line) and line[-1] not in ".!?؟۔" and (moment := dates.parse(line, "text")):
            return moment
    return None


def _lines(page: Page) -> list[str]:
    """Return the short lines with which the page's text begins: where date and name stand."""
    texts = page.tree.xpath("//body//text()[string-length() > 3 and string-length() < 120]")
    return [" ".join(text.split()) for text in texts[:400]]


def section(page: Page) -> str:
    """Return the section that the article declares."""
    value = page.article_data.get("articleSection")
    value = value[0] if isinstance(value, list) and value else value
    return _text(value) or page.meta.get("article:section", "")


def tags(page: Page) -> tuple[str, ...]:
    """Return the article's keywords, each once, in their order."""
    value = page.article_data.get("keywords")
    told = [_text(v) for v in value] if isinstance(value, list) else re.split("[,،;]", _text(value))
    told += re.split("[,،;]", page.meta.get("news_keywords", "") or page.meta.get("keywords", ""))
    told += [page.meta["article:tag"]] if "article:tag" in page.meta else []
    return tuple(dict.fromkeys(t.strip() for t in told if 1 < len(t.strip()) <= 60))[:30]


def rights(page: Page) -> tuple[str, ...]:
    """Return the reservations that headers and meta tags declare, sorted.

    robots directives (noarchive, noai, noimageai, noindex, nosnippet) and the TDM Reservation
    Protocol (tdm-reservation: 1).
    """
    told = [page.meta.get(name, "") for name in ("robots", "googlebot", "archiver")]
    told += page.head.all("x-robots-tag")
    words = {word for text in told for word in re.split(r"[\s,:]+", text.lower())}
    found = words & {"noarchive", "noai", "noimageai", "noindex", "nosnippet"}
    if "1" in (page.meta.get("tdm-reservation"), page.head.get("tdm-reservation")):
        found.add("tdm-reserved")
    return tuple(sorted(found))


def language(page: Page) -> str:
    """Return the language that the page declares, or ""."""
    return (
        page.tree.get("lang", "")
        or _text(page.article_data.get("inLanguage"))
        or page.meta.get("og:locale", "")
        or page.meta.get("content-language", "")
        or page.head.get("content-language")
    )


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else ""

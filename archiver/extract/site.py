"""What a page's site calls itself: the parts of titles and bylines that say nothing of the article."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from archiver import urls
from archiver.extract.page import Page

Key = tuple[str, ...]  # the words of a title in one case: what titles and names are compared by

# Between two parts of a title; a bar needs no space around it, a hyphen does.
CUT = re.compile(
    r"\s+(?:[|‖\-–—―•·»«›‹*~/ㅣ｜]|::)+\s+|\s*[|‖ㅣ｜]\s*|_+(?=[\u3040-\u9fff])|(?<=[\u3040-\u9fff])_+"
)
_COLON = re.compile(r"(?<=\w)[:：]+\s+")
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)?\.[a-z]{2,4}", re.IGNORECASE)
_WORDS = 6  # a longer name is a headline that was put in the wrong place
# Words that say what kind of page it is and not what it tells.
_PLACEHOLDERS = """
    news | article | articles | news details | home | home page | untitled | untitled document |
    index | blog | our blog | post | story | details | page | main | menu | title |
    الرئيسية | الصفحة الرئيسية | الأخبار | أخبار | مقالات | مقال | تفاصيل الخبر | تفاصيل | خبر | عاجل |
    صفحه اصلی | خانه | דף הבית | חדשות | accueil | startseite | inicio | главная | новости |
    新闻 | 新聞 | 首页 | 首頁
    """
_MARKS = re.compile("[\u0300-\u036f\u0640\u064b-\u065f\u0670]")  # accents, points, tatweel
# Each letter of Chinese and Japanese is a word: no space tells where theirs end.
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|(?:(?![_\u3040-\u30ff\u3400-\u9fff])\w)+")


def key(text: str) -> Key:
    """Return the words of `text` in one case, without accents and points; numbers stay."""
    text = text.casefold()
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _MARKS.sub("", unicodedata.normalize("NFKD", text)))
    return tuple(_WORD.findall(text))


def compact(text: str) -> str:
    """Return the words of `text` without a space: "The Post" and "thepost" are one name."""
    return "".join(key(text))


_PLACES = frozenset(map(compact, _PLACEHOLDERS.split("|")))


@dataclass(frozen=True, slots=True)
class Site:
    """The names of a page's site, each compact: its own, and what else is known of the site.

    `asked` fills with what was looked for among those that are known.
    """

    names: frozenset[str]
    known: frozenset[str] = frozenset()
    asked: set[str] = field(default_factory=set)

    def owns(self, part: str) -> bool:
        """Tell whether `part` is the site's name, its address or a placeholder, and no more."""
        name = compact(part)
        if not name or name in self.names or name in _PLACES or _HOST.fullmatch(part):
            return True
        self.asked.add(name)
        return name in self.known

    def trim(self, text: str) -> str:
        """Return `text` without the parts at its ends that are the site's."""
        while (shorter := self._trimmed(text)) != text:
            text = shorter
        return text

    def _trimmed(self, text: str) -> str:
        cuts = list(CUT.finditer(text))
        if cuts and self.owns(text[cuts[-1].end() :]):
            return text[: cuts[-1].start()].strip()
        first = min([*cuts[:1], *_COLON.finditer(text)], key=lambda cut: cut.start(), default=None)
        if first and self.owns(text[: first.start()]):
            return text[first.end() :].strip()
        return text


def of(page: Page, known: frozenset[str] = frozenset()) -> Site:
    """Return the site of `page`; `known` are more of its names, as a profile has them."""
    names = [page.meta.get("og:site_name", "")]
    for node in page.linked_data:
        publishers = node.get("publisher")
        for publisher in publishers if isinstance(publishers, list) else [publishers]:
            names.append(str(publisher.get("name") or "") if isinstance(publisher, dict) else "")
    host = (urlsplit(page.url).hostname or "").removeprefix("www.")
    domain = urls.site(page.url)
    names = [name for name in names if len(name.split()) <= _WORDS]
    names += [host, domain, domain.split(".")[0]]
    return Site(frozenset(map(compact, names)) - {""}, frozenset(map(compact, known)))

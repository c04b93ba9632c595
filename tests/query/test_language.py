"""The language as ``docs/searching.md`` tells it, line by line."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from archiver.errors import QueryError, UsageError
from archiver.query import (
    FIELDS,
    HAS,
    All,
    Dates,
    Either,
    Node,
    Not,
    Tag,
    Words,
    parse,
    pointed,
    positive,
)  # fmt: skip

TODAY = date(2026, 3, 31)
DOCUMENT = (Path(__file__).parents[2] / "docs" / "searching.md").read_text("utf-8")


def read(text: str) -> Node | None:
    return parse(text, TODAY)


def w(text: str, field: str = "") -> Words:
    return Words(text, field)


def phrase(text: str, field: str = "") -> Words:
    return Words(text, field, exact=True)


def start(text: str, field: str = "") -> Words:
    return Words(text, field, prefix=True)


def every(*parts: Node) -> All:
    return All(parts)


def either(*parts: Node) -> Either:
    return Either(parts)


def on(since: tuple[int, int, int] | None, until: tuple[int, int, int] | None) -> Dates:
    return Dates(since and datetime(*since, tzinfo=UTC), until and datetime(*until, tzinfo=UTC))


A, B, C, D = map(w, "abcd")

LANGUAGE: dict[str, Node] = {
    "rain": w("rain"),
    "فيضانات السودان": every(w("فيضانات"), w("السودان")),
    "a b c": every(A, B, C),
    "a AND b": every(A, B),
    "a AND b c AND d": every(A, B, C, D),
    "a OR b OR c": either(A, B, C),
    "a b OR c d": either(every(A, B), every(C, D)),
    "a AND b OR c": either(every(A, B), C),
    "a (b OR c)": every(A, either(B, C)),
    "(a)": A,
    "((a b) c)": every(A, B, C),
    "(a OR (b OR c))": either(A, B, C),
    "a(b)c": every(A, B, C),
    # not
    "a -b": every(A, Not(B)),
    "-a": Not(A),
    "NOT a": Not(A),
    "a NOT b": every(A, Not(B)),
    "a AND NOT b OR c": either(every(A, Not(B)), C),
    "-(a b)": Not(every(A, B)),
    '-"a b" c': every(Not(phrase("a b")), C),
    "-title:a": Not(w("a", "title")),
    "NOT -a": A,
    "NOT NOT a": A,
    "-(-a)": A,
    "-(NOT -(-a))": A,
    "a-b": w("a-b"),
    "a - b": every(A, B),
    "--a": w("--a"),
    # words that look like operators
    "a or b": every(A, w("or"), B),
    "a not b and c": every(A, w("not"), B, w("and"), C),
    "a أو b و c": every(A, w("أو"), B, w("و"), C),
    "a | b": every(A, B),
    '"OR"': phrase("OR"),
    "-OR": Not(w("OR")),
    "title:NOT": w("NOT", "title"),
    "ORDER NOTE": every(w("ORDER"), w("NOTE")),
    # phrases
    '"a b"': phrase("a b"),
    '"a"': phrase("a"),
    "«a b»": phrase("a b"),
    "“a b”": phrase("a b"),
    "„a b“": phrase("a b"),
    "”a b”": phrase("a b"),
    '“a b"': phrase("a b"),
    "‚a b‘": phrase("a b"),
    "‹a b›": phrase("a b"),
    "「東京 大阪」": phrase("東京 大阪"),
    "『東京』「大阪」": every(phrase("東京"), phrase("大阪")),
    '"a   b "c': every(phrase("a b"), C),
    '"a OR (b"': phrase("a OR (b"),
    '"a «b» c"': phrase("a «b» c"),
    "‚don’t stop’": phrase("don’t stop"),
    'c "a b': every(C, phrase("a b")),
    'a "': A,
    'a "" b': every(A, B),
    '"...news..."': phrase("...news..."),
    'ארה"ב a': every(w('ארה"ב'), A),
    '"צה"ל a" b': every(phrase('צה"ל a'), B),
    "don't l’eau": every(w("don't"), w("l’eau")),
    '24"a': every(w("24"), phrase("a")),
    # prefixes
    "elect*": start("elect"),
    "حكوم*": start("حكوم"),
    "title:elect*": start("elect", "title"),
    "elect**": start("elect"),
    "a＊": start("a"),
    "http://e.example/*": start("http://e.example/", "url"),
    "http://e.example/20*/a": w("http://e.example/20*/a", "url"),
    '"a*b"': phrase("a*b"),
    # fields
    "title:a text:b": every(w("a", "title"), w("b", "text")),
    'author:"a b"': phrase("a b", "author"),
    "title:«a b»": phrase("a b", "title"),
    "title:(a OR -b)": either(w("a", "title"), Not(w("b", "title"))),
    'title:(a "b c" d*) e': every(
        w("a", "title"), phrase("b c", "title"), start("d", "title"), w("e")
    ),
    "title: a b": every(w("a", "title"), B),
    "title: (a b)": every(w("a", "title"), w("b", "title")),
    "Title:a": w("a", "title"),
    "Source: a": every(w("Source:"), A),
    "a Title:": every(A, w("Title:")),
    "source:mirror": Tag("source", "mirror"),
    'source:"Daily Mirror"': Tag("source", "Daily Mirror"),
    "source:(a OR b)": either(Tag("source", "a"), Tag("source", "b")),
    "-source:a": Not(Tag("source", "a")),
    "lang:AR": Tag("lang", "ar"),
    "lang:(ar OR fa)": either(Tag("lang", "ar"), Tag("lang", "fa")),
    "has:author has:Date": every(Tag("has", "author"), Tag("has", "date")),
    'has:"gone"': Tag("has", "gone"),
    "title:source:a": w("source:a", "title"),
    "title:source: a": every(w("source:", "title"), A),
    "foo:a": w("foo:a"),
    "foo: a": every(w("foo:"), A),
    "foo:(a b)": every(w("foo:"), A, B),
    "12:30": w("12:30"),
    "subtitle:a": w("subtitle:a"),
    '"title:a"': phrase("title:a"),
    "x=title": w("x=title"),
    # addresses
    "https://e.example/a?b=c&d=(e)": w("https://e.example/a?b=c&d=(e)", "url"),
    "(http://e.example/a_(b) OR c)": either(w("http://e.example/a_(b)", "url"), C),
    "HTTP://e.example -http://f.example": every(
        w("HTTP://e.example", "url"), Not(w("http://f.example", "url"))
    ),
    "url:e.example/a_(b),c": w("e.example/a_(b),c", "url"),
    "title:http://e.example": w("http://e.example", "title"),
    '"http://e.example"': phrase("http://e.example"),
    "http: //e": every(w("http:"), w("//e")),
    # dates: days of UTC
    "date:2019": on((2019, 1, 1), (2020, 1, 1)),
    "date:2019-02": on((2019, 2, 1), (2019, 3, 1)),
    "date:2019-12": on((2019, 12, 1), (2020, 1, 1)),
    "date:2019-03-05": on((2019, 3, 5), (2019, 3, 6)),
    "date:2019-3-5": on((2019, 3, 5), (2019, 3, 6)),
    "date:2019/03": on((2019, 3, 1), (2019, 4, 1)),
    "date:2019-03..2019-04": on((2019, 3, 1), (2019, 5, 1)),
    "date:2019..2019-03-05": on((2019, 1, 1), (2019, 3, 6)),
    "date:2019-03..": on((2019, 3, 1), None),
    "date:..2019-03": on(None, (2019, 4, 1)),
    'date:"2019 .. 2020"': on((2019, 1, 1), (2021, 1, 1)),
    "date:(2019 OR 2021)": either(on((2019, 1, 1), (2020, 1, 1)), on((2021, 1, 1), (2022, 1, 1))),
    "before:2019-03": on(None, (2019, 3, 1)),
    "before:2019-03-05": on(None, (2019, 3, 5)),
    "after:2019-03": on((2019, 3, 1), None),
    "after:2019-03-05": on((2019, 3, 5), None),
    "-after:2019": Not(on((2019, 1, 1), None)),
    "date:today": on((2026, 3, 31), (2026, 4, 1)),
    "date:Yesterday": on((2026, 3, 30), (2026, 3, 31)),
    "date:اليوم": on((2026, 3, 31), (2026, 4, 1)),
    "after:أمس": on((2026, 3, 30), None),
    "after:امس": on((2026, 3, 30), None),
    "after:البارحة": on((2026, 3, 30), None),
    "after:أَمْسِ": on((2026, 3, 30), None),
    "after:7d": on((2026, 3, 24), None),
    "date:7d": on((2026, 3, 24), None),
    "before:2w": on(None, (2026, 3, 17)),
    "after:1m": on((2026, 2, 28), None),
    "after:13m": on((2025, 2, 28), None),
    "after:3m": on((2025, 12, 31), None),
    "after:1y": on((2025, 3, 31), None),
    "after:24h": on((2026, 3, 30), None),
    "after:1h": on((2026, 3, 30), None),
    "after:25h": on((2026, 3, 29), None),
    "after:0d": on((2026, 3, 31), None),
    "date:30d..7d": on((2026, 3, 1), (2026, 3, 25)),
    "date:٢٠١٩-٠٣": on((2019, 3, 1), (2019, 4, 1)),
    "date:۲۰۱۹/۰۳/۰۵": on((2019, 3, 5), (2019, 3, 6)),
    "after:٧d": on((2026, 3, 24), None),
    "date:２０１９－０３": on((2019, 3, 1), (2019, 4, 1)),
    "date:2019–03": on((2019, 3, 1), (2019, 4, 1)),
    # what terminals, keyboards and pages add
    "\u200fa\u200e \u202ab\u202c": every(A, B),
    "\ufeff-a": Not(A),
    "a \u2067OR\u2069 \u2068-b\u2069": either(A, Not(B)),
    "title:\u200fa": w("a", "title"),
    '"a\u200e b"': phrase("a b"),
    "a\x00b\udcff c\td\ne": every(A, B, C, D, w("e")),
    '"a\x00b"': phrase("a b"),
    "\u200cمی\u200cرود\u200d": w("می\u200cرود"),
    "a\u200bb": every(A, B),
    "a، b؛ c، و": every(A, B, C, w("و")),
    "東京、大阪。": every(w("東京"), w("大阪")),
    "（東京 OR 大阪）－京都": every(either(w("東京"), w("大阪")), Not(w("京都"))),
    "title：＂東京＂": phrase("東京", "title"),
    # punctuation alone is passed over
    "a — b & ... c": every(A, B, C),
    "a + b = c": every(A, B, C),
    "a -— b": every(A, B),
    'a -"…" b': every(A, B),
    "AT&T C++ U.S.": every(w("AT&T"), w("C++"), w("U.S.")),
    "☎": w("☎"),
}


@pytest.mark.parametrize("text", LANGUAGE)
def test_language(text: str) -> None:
    assert read(text) == LANGUAGE[text]


@pytest.mark.parametrize("text", ["", "  ", "\t\n", "\u200f", "\x00", "\ufeff \u2068\u2069"])
def test_an_empty_query_is_everything(text: str) -> None:
    assert read(text) is None


MISTAKES = {  # text: (where, what is said of it, what to do)
    "a OR": ("OR", "nothing stands behind 'OR'", "word OR word"),
    "a OR …": ("OR", "nothing stands behind 'OR'", '"or"'),
    "OR a": ("OR", "nothing stands before 'OR'", "word OR word"),
    "a (AND b)": ("AND", "nothing stands before 'AND'", "word AND word"),
    "a AND OR b": ("OR", "between 'AND' and 'OR'", "word OR word"),
    "a NOT": ("NOT", "nothing stands behind 'NOT'", "-word"),
    "(a NOT)": ("NOT", "nothing stands behind 'NOT'", "-word"),
    "NOT OR a": ("OR", "between 'NOT' and 'OR'", "word OR word"),
    "a ()": ("()", "nothing between '(' and ')'", "take them out"),
    "a (": ("(", "nothing stands behind '('", "put words"),
    "a (b": ("(", "'(' before 'b' is never closed", "put ')'"),
    "a (b (c) d": ("(b", "'(' before 'b' is never closed", "put ')'"),
    "a b)": (")", "')' behind 'b' closes nothing", "'('"),
    ") a": (")", "')' closes nothing", "'('"),
    "*": ("*", "a star can only end a word", "elect*"),
    "a * b": ("*", "a star can only end a word", "elect*"),
    "ab*cd": ("*", "'ab*cd'", "elect*"),
    "*ab": ("*", "'*ab'", "elect*"),
    "-* a": ("*", "a star can only end a word", "elect*"),
    '"a b"*': ("*", "behind a phrase", "elect*"),
    "-": ("-", "no word to look for", "punctuation"),
    " ... ": ("...", "no word to look for", "punctuation"),
    '"': ('"', "no word to look for", "punctuation"),
    "title:": ("title", "nothing stands behind 'title:'", "title:word"),
    "a author: ": ("author", "nothing stands behind 'author:'", "author:word"),
    "title:-a": ("title", "nothing stands behind 'title:'", "-title:word"),
    "source:": ("source", "nothing stands behind 'source:'", "source:NAME"),
    "lang: OR a": ("lang", "nothing stands behind 'lang:'", "lang:ar"),
    "has:": ("has", "nothing stands behind 'has:'", "author, date, versions, gone"),
    "(before:)": ("before", "nothing stands behind 'before:'", "before:2019-03"),
    "title:(a text:b)": ("text", "'text:' stands inside the brackets of 'title:'", "of its own"),
    "a source=mirror": ("source", "'source='", "source: with a colon"),
    "has:picture": ("picture", "'has:' knows no 'picture'", "author, date, versions, gone"),
    "source:mirr*": ("mirr", "'source:' takes no star", "the whole name"),
    "date:32": ("32", "'32' is no date", "2019-03-05"),
    "date:2019-13": ("2019", "no month 13", "2019-03-05"),
    "date:2019-02-29": ("2019", "2019-02 has 28 days", "2019-03-05"),
    "date:2019-02-0": ("2019", "2019-02 has 28 days", "2019-03-05"),
    "date:05/03/2019": ("05", "'05-03-2019' is no date", "2019-03-05"),
    "date:0000": ("0000", "years go from", "2019-03-05"),
    "date:9999": ("9999", "years go from", "2019-03-05"),
    "date:2019*": ("2019", "'2019*' is no date", "2019-03-05"),
    "after:tomorrow-ish": ("tomorrow", "'tomorrow-ish' is no date", "yesterday"),
    "after:غدا": ("غدا", "'\u2068غدا\u2069' is no date", "yesterday"),
    "date:2019-04..2019-03": ("2019", "ends before it begins", "2019-03..2019-04"),
    "date:..": ("date", "nothing stands behind 'date:'", "date:2019-03"),
    "date:\ufe70..": ("\ufe70", "has no ends", "2019-03.."),
    'date:"x .. 2019"': ('"x', "'x' is no date", "2019-03-05"),
    "after:2019..2020": ("2019", "takes one date", "date:FROM..TO"),
    "after:9999y": ("9999y", "goes back too far", "..2019"),
    "date:2019..2020..2021": ("2019", "'2020..2021' is no date", "2019-03-05"),
}  # fmt: skip


@pytest.mark.parametrize("text", MISTAKES)
def test_mistakes(text: str) -> None:
    place, what, remedy = MISTAKES[text]
    with pytest.raises(QueryError) as raised:
        read(text)
    assert what in raised.value.what
    assert remedy in raised.value.remedy
    assert text[raised.value.at :].startswith(place)
    assert raised.value.query == text
    assert isinstance(raised.value, UsageError)
    assert raised.value.exit_code == 2
    assert "\n" not in str(raised.value)
    assert pointed(text, raised.value.at)[1].endswith("^")


def refused(text: str) -> QueryError:
    with pytest.raises(QueryError) as raised:
        read(text)
    return raised.value


def test_length_is_limited() -> None:
    assert read("a" * 1000) == w("a" * 1000)
    error = refused("a" * 1001)
    assert "1001 characters" in error.what
    assert error.remedy
    assert error.at == 1000


@pytest.mark.parametrize(
    ("text", "last"),
    [
        (" ".join(["a"] * 64), "b"),
        ('"' + " ".join(["a"] * 62) + '" lang:ar date:2019', "b"),
        ('"' + " ".join(["a"] * 60) + '"', '"b c d e f"'),
        ("-a OR " * 63 + "a", "lang:ar"),
    ],
)
def test_terms_are_limited(text: str, last: str) -> None:
    assert read(text)
    error = refused(f"{text} {last}")
    assert "64 words" in error.what
    assert error.remedy
    assert error.at >= len(text)


@pytest.mark.parametrize(("opening", "levels"), [("(", 1), ("-(", 1), ("NOT (", 1), ("((", 2)])
def test_depth_is_limited(opening: str, levels: int) -> None:
    closing = ")" * levels
    count = 20 // levels
    assert read(opening * count + "a" + closing * count) == A
    assert "20 deep" in refused(f"({opening * count}a{closing * count})").what


@pytest.mark.parametrize(
    "text", ["(" * 1000, "-(" * 500, ")" * 1000, "a OR (" * 166, "title:(" * 142, "-title:(" * 125]
)
def test_much_nesting_is_a_mistake_and_no_crash(text: str) -> None:
    assert refused(text).remedy


@pytest.mark.parametrize(("count", "wanted"), [(248, A), (249, Not(A))])
def test_any_number_of_nots(count: int, wanted: Node) -> None:
    assert read("NOT " * count + "a") == wanted


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ('a "b c" -title:d', [0, 2, 15]),
        ("\u200fa \ufeff\u200eb", [1, 5]),
        ("has:date lang:«ar» date:2019", [4, 14, 24]),
        ("source:(a OR b)", [8, 13]),
    ],
)
def test_places_are_those_of_the_query_as_typed(text: str, places: list[int]) -> None:
    def leaves(node: Node | None) -> list[int]:
        match node:
            case All(parts) | Either(parts):
                return [at for part in parts for at in leaves(part)]
            case Not(part):
                return leaves(part)
            case Words() | Tag() | Dates():
                return [node.at]
        return []

    assert leaves(read(text)) == places


def test_a_mistake_behind_invisible_characters_is_where_it_was_typed() -> None:
    assert refused("\u200f\u200fa OR").at == 4


def test_words_that_a_hit_shows() -> None:
    tree = read('a -b title:(c OR -"d e") -(f -g) source:h after:2019 x* "y z"')
    assert positive(tree) == [A, w("c", "title"), start("x"), phrase("y z")]
    assert positive(None) == []
    assert positive(read("-a")) == []


def test_today_decides_what_is_counted_back() -> None:
    leap = date(2024, 2, 29)
    assert parse("after:1y", leap) == on((2023, 2, 28), None)
    assert parse("after:4y", leap) == on((2020, 2, 29), None)
    assert parse("after:1d", date(2026, 1, 1)) == on((2025, 12, 31), None)
    assert parse("after:5d", date(1, 1, 6)) == on((1, 1, 1), None)
    with pytest.raises(QueryError, match="too far"):
        parse("after:6d", date(1, 1, 6))


def test_after_and_before_a_day_part_all_time_in_two() -> None:
    for point in ("2019", "2019-03", "2019-03-05", "7d", "today"):
        after, before = read(f"after:{point}"), read(f"before:{point}")
        assert isinstance(after, Dates)
        assert isinstance(before, Dates)
        assert after.since == before.until
        assert after.since.tzinfo is UTC


def test_the_document_names_every_field_and_value() -> None:
    assert {name for name in FIELDS if f"`{name}:" not in DOCUMENT} == set()
    assert {value for value in HAS if f"`{value}`" not in DOCUMENT} == set()


def test_examples_of_the_document_are_queries() -> None:
    table = DOCUMENT.partition("## The language")[2].partition("\n## ")[0]
    examples = re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)
    assert len(examples) > 15
    for example in examples:
        assert read(example), example


def test_mistakes_of_the_document_are_told_as_it_says() -> None:
    rows = re.findall(r"^\| `` ?(.+?) ?`` \| (.+?) \|$", DOCUMENT, re.MULTILINE)
    assert len(rows) > 10
    for text, said in rows:
        assert refused(text).what == said

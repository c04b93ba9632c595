"""The lab: what it counts, on texts and on a small set of our own."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from archiver import extract
from bench import extraction
from bench import extraction_road as road
from bench import extraction_scores as scoring
from bench.extraction_set import Found, Page, Trouble, load

LINES = [
    "The ferry to the outer islands runs again from Monday, three times a day, said the harbour master.",
    "Its engine had been taken apart in the spring and was put together again by two apprentices.",
    "Those who have bought a ticket for the season need not buy another one, and dogs travel free.",
]
TITLE = "The ferry runs again"
BODY = "\n\n".join(LINES)


def make_page(body: str = BODY, title: str = "", site: str = "", **more: object) -> Page:
    known: dict[str, object] = {"url": None, "language": "", "dates": (), "authors": (), **more}
    return Page("1", Path(), site=site, body=body, title=title, **known)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A set of three pages: one as its gold has it, one whose gold has a line more, one empty."""
    (tmp_path / "html").mkdir()
    golds = []
    for name, body in {"same": BODY, "more": f"{BODY}\n\nAnother line.", "empty": BODY}.items():
        about = {"id": name, "html": f"html/{name}.html.gz", "url": f"http://www.post.com/{name}"}
        about |= {
            "lang": "en",
            "site": None,
            "body": body,
            "title": TITLE,
            "authors": ["Ada Berg"],
        }
        about |= {"date": "2026-03-04|2026-03-05", "licence": "a separator\u2028that parts no line"}
        golds.append(json.dumps(about, ensure_ascii=False))
        shown = "" if name == "empty" else "".join(f"<p>{line}</p>" for line in LINES)
        html = f"""<html lang="en"><head><title>{TITLE}</title><meta name="author" content="Ada BERG">
            <meta property="article:published_time" content="2026-03-05T08:00:00+02:00"></head>
            <body><article><h1>{TITLE}</h1>{shown}</article></body></html>"""
        (tmp_path / "html" / f"{name}.html.gz").write_bytes(gzip.compress(html.encode()))
    (tmp_path / "gold.jsonl").write_text("\n".join(golds), "utf-8")
    return tmp_path


def test_words_of_spaceless_scripts_are_characters():
    assert scoring.words("Тест 3, 東京タワーへ! 한국") == ["Тест", "3", *"東京タワーへ", *"한국"]


@pytest.mark.parametrize(
    ("gold", "text", "value"),
    [
        ("a b c d", "A b, c d!", 1.0),
        ("a b c d", "x b c y d z", 2 * 3 / 10),
        ("a b", "", 0.0),
        ("", "...", 1.0),
        ("東京", "東北京", 2 * 2 / 5),
    ],
)
def test_rouge_l(gold: str, text: str, value: float, monkeypatch: pytest.MonkeyPatch):
    assert scoring.rouge_l(gold, text) == value
    monkeypatch.setattr(scoring, "LCSseq", None)
    assert scoring.rouge_l(gold, text) == value


def test_shingles_are_of_four_words_or_all_of_fewer():
    assert scoring.shingles("a b c d e") == {("a", "b", "c", "d"): 1, ("b", "c", "d", "e"): 1}
    assert scoring.shingles("a b") == {("a", "b"): 1}
    assert not scoring.shingles("...")


def test_precision_and_recall_are_means_over_the_pages_that_have_them():
    page = make_page("a b c d e")
    scores = [scoring.judge(page, Found(text)) for text in ("a b c d e f", "a b c d", "")]
    assert [(score.precision, score.recall) for score in scores] == [
        (2 / 3, 1),
        (1, 0.5),
        (None, 0),
    ]
    precision, recall = (2 / 3 + 1) / 2, 0.5
    assert scoring.shingle_f1(scores) == pytest.approx(
        (2 * precision * recall / (precision + recall), precision, recall)
    )


def test_the_interval_is_of_the_statistic_and_the_same_each_time():
    values = [0.0, 1.0] * 50
    low, high = scoring.spread(values, lambda drawn: sum(drawn) / 100)
    assert 0.35 < low < 0.45
    assert 0.55 < high < 0.65
    assert (low, high) == scoring.spread(values, lambda drawn: sum(drawn) / 100)


def test_a_gap_is_taken_page_against_page():
    pages = [make_page("a b c d"), make_page("e f g h")]
    ours = [scoring.judge(page, Found(text)) for page, text in zip(pages, "be", strict=True)]
    assert scoring.gap(ours, ours, scoring.mean_rouge) == scoring.Gap(0, 0, 0)
    nothing = [scoring.judge(page, Found()) for page in pages]
    by = scoring.gap(ours, nothing, scoring.mean_rouge)
    assert (by.mean, by.low, by.high) == pytest.approx((0.4, 0.4, 0.4))


def test_authors_are_compared_without_order_case_and_points():
    page = make_page(authors=("J. D. Berg", "Ada Öst"))
    for authors, verdict in {
        ("ada öst", "J D Berg"): "right",
        ("Ada Öst",): "wrong",
        (): "none",
    }.items():
        assert scoring.judge(page, Found(authors=authors)).authors == verdict
    assert scoring.judge(make_page(), Found(authors=("Ada Öst",))).authors == ""


def test_the_pages_of_a_site_teach_its_profile(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(extract, "learn", lambda lessons: "known" if len(lessons) > 4 else "")
    pages = [make_page(site="a.com")] * 5 + [make_page(site="b.com")] * 4 + [make_page()] * 9
    firsts = [road.First(Found(), b"seen", 0.0)] * len(pages)
    assert road.learn(pages, firsts) == {"a.com": "known"}
    assert road.site_of(make_page(url="https://www.news.co.uk/1")) == "news.co.uk"


def test_a_set_is_read_and_scored(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr(extraction, "find_spec", bool)
    told = folder / "told"
    assert extraction.main([str(folder), "--predictions", str(told), "--worst", "2"]) == 0
    lines = (told / f"{folder.name}.archiver.jsonl").read_text("utf-8").split("\n")
    founds = [json.loads(line) for line in lines if line]
    assert [found["id"] for found in founds] == ["same", "more", "empty"]
    assert [found["text"] for found in founds[:2]] == [BODY, BODY]
    assert (founds[0]["title"], founds[0]["date"]) == (TITLE, "2026-03-05")
    pairs = zip(load(folder), founds, strict=True)
    scores = [scoring.judge(page, Found(found["text"])) for page, found in pairs]
    size = len(scoring.words(BODY))
    assert [score.rouge for score in scores[:2]] == [1, pytest.approx(2 * size / (2 * size + 2))]
    assert f" {scoring.mean_rouge(scores):.4f} " in capsys.readouterr().out


def test_titles_can_stand_above_the_text(folder: Path):
    page = load(folder, limit=1)[0]
    found = Found(BODY, TITLE).with_title()
    assert found.text == f"{TITLE}\n\n{BODY}"
    assert not scoring.judge(page, found).exact


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--with", "archiver,nobody"], "no extractor 'nobody'"),
        (["--without", "thought"], "no step 'thought'"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(
    arguments: list[str], said: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys
):
    monkeypatch.setattr(extraction, "find_spec", bool)
    assert extraction.main([str(folder), *arguments]) == 2
    assert_one_line(capsys.readouterr().err, said)


def test_without_rapidfuzz_the_way_to_it_is_told(folder: Path, monkeypatch, capsys):
    monkeypatch.setattr(extraction, "find_spec", lambda _: None)
    assert extraction.main([str(folder)]) == 2
    assert_one_line(capsys.readouterr().err, "make lab")


def test_a_set_that_is_not_whole_is_told(folder: Path):
    (folder / "html/more.html.gz").unlink()
    with pytest.raises(Trouble, match=r"more\.html\.gz is missing"):
        load(folder)
    (folder / "gold.jsonl").write_text("")
    with pytest.raises(Trouble, match="names no page"):
        load(folder)
    with pytest.raises(Trouble, match="is no set"):
        load(folder / "html")


def assert_one_line(text: str, said: str) -> None:
    assert said in text
    assert text.startswith("bench: ")
    assert text.count("\n") == 1

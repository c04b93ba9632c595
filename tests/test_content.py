from __future__ import annotations

import gzip
import unicodedata
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from archiver import content

Encoder = Callable[[bytes], bytes]
PAGE = b"".join(b"<p>paragraph %d of the page</p>" % n for n in range(2000))
ARABIC = "<html><head><title>خبر</title></head><body>" + "كتب الصحفي عن المدينة والميناء. " * 40
PERSIAN = "می\u200cروم"


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


CODINGS: list[tuple[str, Encoder]] = [
    ("gzip", gzip.compress),
    ("x-gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", raw_deflate),
    ("br", brotli.compress),
    ("zstd", zstandard.ZstdCompressor().compress),
]
every_coding = pytest.mark.parametrize(("name", "encode"), CODINGS)


def head(*codings: str) -> content.Head:
    lines = "".join(f"Content-Encoding: {coding}\r\n" for coding in codings)
    return content.read_head(f"HTTP/1.1 200 OK\r\n{lines}\r\n".encode())


def test_a_head_keeps_order_case_and_repeats() -> None:
    read = content.read_head(
        b"HTTP/1.1 410 Gone away\r\nX-A: 1\r\nx-a: 2\r\nContent-Type: Text/HTML; x\r\n\r\n"
    )
    assert (read.status, read.reason, read.mime) == (410, "Gone away", "text/html")
    assert read.fields[0] == ("X-A", "1")
    assert (read.get("x-a"), read.all("x-a")) == ("2", ["1", "2"])


@given(st.binary())
def test_reading_a_head_never_raises(data: bytes) -> None:
    assert content.read_head(data).status >= 0


@every_coding
@settings(deadline=None, max_examples=30)
@given(data=st.binary())
def test_every_coding_round_trips(name: str, encode: Encoder, data: bytes) -> None:
    assert content.decode_body(head(name), encode(data)) == (data, "")


@every_coding
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_cut_body_gives_what_came_and_says_so(name: str, encode: Encoder, share: float) -> None:
    coded = encode(PAGE)
    body, note = content.decode_body(head(name), coded[: int(len(coded) * share)])
    assert PAGE.startswith(body)
    assert "cut short" in note


@every_coding
def test_a_bomb_stops_at_the_limit(name: str, encode: Encoder) -> None:
    body, note = content.decode_body(head(name), encode(bytes(5_000_000)), limit=1000)
    assert len(body) == 1000
    assert "larger than the limit" in note


@every_coding
def test_a_body_of_just_the_limit_passes(name: str, encode: Encoder) -> None:
    assert content.decode_body(head(name), encode(PAGE), limit=len(PAGE)) == (PAGE, "")


@every_coding
@settings(deadline=None, max_examples=50)
@given(data=st.binary(max_size=200))
def test_no_body_breaks_a_decoder(name: str, encode: Encoder, data: bytes) -> None:
    for body in (data, encode(b"page")[:8] + data):
        decoded, _ = content.decode_body(head(name), body, limit=1000)
        assert len(decoded) <= max(1000, len(body))


def test_stacked_codings_come_off_in_reverse() -> None:
    coded = brotli.compress(gzip.compress(PAGE))
    assert content.decode_body(head("gzip, identity", "br"), coded) == (PAGE, "")


def test_a_tower_of_codings_is_left_alone() -> None:
    body, note = content.decode_body(head(", ".join(["gzip"] * 1000)), b"x")
    assert (body, note) == (b"x", "1000 content codings, one over the other")


def test_an_unknown_coding_leaves_the_bytes() -> None:
    assert content.decode_body(head("sdch"), b"x") == (b"x", "unknown content coding 'sdch'")


@pytest.mark.parametrize("encode", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_every_member_and_frame_is_read(encode: Encoder) -> None:
    name = "gzip" if encode is gzip.compress else "zstd"
    assert content.decode_body(head(name), encode(b"a") + encode(b"b")) == (b"ab", "")


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "zstd", "gzip, br"])
@pytest.mark.parametrize("page", [b"<html>", b"\xef\xbb\xbf\n <!DOCTYPE html>\n" * 9, b"<?xml"])
def test_a_page_that_was_kept_decoded_is_read_as_it_is(coding: str, page: bytes) -> None:
    assert content.decode_body(head(coding), page) == (page, "")


def test_other_plain_bytes_called_gzip_stay_as_they_are() -> None:
    assert content.decode_body(head("gzip"), b"words") == (b"words", "not gzip")


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        ("cp1256", ARABIC),
        ("cp1251", "<p>" + "Город и порт на берегу моря живут своей жизнью. " * 30),
        ("koi8_r", "<p>" + "Город и порт на берегу моря живут своей жизнью. " * 30),
        ("cp1253", "<p>" + "Η πόλη και το λιμάνι ζουν τη δική τους ζωή. " * 30),
        ("cp1255", "<p>" + "העיר והנמל חיים את חייהם כל יום. " * 30),
        ("cp932", "<p>" + "町と港は毎日自分の生活を送っています。" * 30),
        ("gb18030", "<p>" + "城市和港口每天都有自己的生活。" * 30),
        ("cp949", "<p>" + "도시와 항구는 매일 자신의 삶을 살아갑니다. " * 30),
    ],
)
@pytest.mark.parametrize("declared", ["", "utf-8", "iso-8859-1", "no-such-charset"])
def test_a_wrong_charset_is_seen_through(charset: str, text: str, declared: str) -> None:
    content_type = f"text/html; charset={declared}" if declared else "text/html"
    assert content.decode_text(text.encode(charset), content_type)[0] == text


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_wide_and_marked_text_needs_no_declaration(charset: str) -> None:
    assert content.decode_text(ARABIC.encode(charset))[0] == ARABIC


@pytest.mark.parametrize(
    ("body", "content_type", "text"),
    [
        ("łąka źródło".encode("cp1250"), "text/html; charset=windows-1250", "łąka źródło"),
        (b'<meta charset="windows-1251">' + "порт".encode("cp1251"), "", '<meta charset="windows-1251">порт'),
        (b'<?xml version="1.0" encoding="big5"?>' + b"\xab\xb0", "", '<?xml version="1.0" encoding="big5"?>城'),
        (b"it\x92s", "text/html; charset=iso-8859-1", "it\u2019s"),
        ("خبر".encode(), "text/html; charset=windows-1256", "خبر"),
    ],
)  # fmt: skip
def test_the_ladder_of_charsets(body: bytes, content_type: str, text: str) -> None:
    assert content.decode_text(body, content_type)[0] == text


def test_one_bad_byte_does_not_cost_a_page_its_utf_8() -> None:
    body = "خبر ".encode() * 1000 + b"\xff"
    assert content.decode_text(body) == ("خبر " * 1000 + "\ufffd", "utf-8")


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300), st.text(max_size=40))
def test_decoding_never_raises(body: bytes, content_type: str) -> None:
    text, charset = content.decode_text(body, content_type)
    assert isinstance(text, str)
    assert charset


@given(st.text())
def test_utf_8_round_trips(text: str) -> None:
    assert content.decode_text(f"<html>{text}".encode())[0] == f"<html>{text}"


@settings(deadline=None, max_examples=300)
@given(st.text(st.characters()))
def test_storable_text_can_be_stored(text: str) -> None:
    kept = content.storable(text)
    kept.encode()
    assert content.storable(kept) == kept == unicodedata.normalize("NFC", kept)
    assert {c for c in kept if unicodedata.category(c) == "Cc"} <= set("\t\n\r\x85")


@settings(deadline=None, max_examples=300)
@given(
    st.text(
        st.one_of(st.sampled_from("\u200c\u200d\u0640\u064eابی\x00\ud800\u202e"), st.characters())
    )
)
def test_storing_keeps_joiners_and_grows_no_text_without_end(text: str) -> None:
    kept = content.storable(text)
    for joiner in "\u200c\u200d":
        assert kept.count(joiner) == text.count(joiner)
    assert len(kept) <= 3 * len(text)  # Unicode's own bound for NFC


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.sampled_from(["gzip", "br", "zstd", "deflate", "x", "identity", ""]), max_size=7),
    st.binary(max_size=400),
    st.integers(0, 300),
)
def test_no_decoding_is_larger_than_its_limit(codings: list[str], body: bytes, limit: int) -> None:
    decoded, note = content.decode_body(head(*codings), body, limit)
    assert len(decoded) <= max(limit, len(body))
    assert isinstance(note, str)


@settings(deadline=None, max_examples=200)
@given(
    st.binary(max_size=300), st.sampled_from(["", "utf-8", "shift_jis", "utf-16", "utf-7", "idna"])
)
def test_a_text_has_no_more_characters_than_bytes(body: bytes, label: str) -> None:
    text, charset = content.decode_text(body, f"text/html; charset={label}")
    assert len(text) <= len(body) + 1
    assert content.decode_text(body, f"text/html; charset={label}") == (text, charset)


@settings(deadline=None, max_examples=100)
@given(st.text(st.sampled_from("\u200c\u200dمیروم ab"), min_size=1))
def test_decoding_keeps_joiners(text: str) -> None:
    for charset in ("utf-8", "utf-16"):
        assert content.decode_text(f"<p>{text}</p>".encode(charset))[0] == f"<p>{text}</p>"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (PERSIAN, PERSIAN),
        ("a\u200db", "a\u200db"),
        ("a\ud800b", "a\ufffdb"),
        ("\ud83d\ude00", "😀"),
        ("a\x00\x1b[31mb\x9f", "a[31mb"),
        ("e\u0301\n\t", "é\n\t"),
    ],
)
def test_what_storing_changes(text: str, wanted: str) -> None:
    assert content.storable(text) == wanted


def test_a_byte_of_an_arabic_letter_ends_no_header_line() -> None:
    head = content.read_head(
        b"HTTP/1.1 200 OK\r\nX-A: \xd9\x85Content-Encoding: br\r\nB: 1\r\n 2\r\n\r\n"
    )
    assert [name for name, _ in head.fields] == ["X-A", "B"]
    assert head.get("B") == "1 2"


@pytest.mark.parametrize("label", ["zlib", "unicode_escape", "idna", "cp037", "undefined", "hex"])
def test_only_charsets_of_the_web_are_believed(label: str) -> None:
    body = "<p>قالت البلدية إن الميناء يفتح غدا</p>".encode("cp1256")
    assert content.decode_text(body, f"text/html; charset={label}")[1] == "cp1256"

"""An article that the exports are tried with."""

from datetime import UTC, datetime

from archiver.documents import Article, Completeness, Document, Moment, RecordLocation

AT = datetime(2026, 3, 5, 10, 0, 0, 7, tzinfo=UTC)
ARTICLE = Article(
    id=7,
    url="https://post.com/s/1",
    source="post",
    fetched_url="https://post.com/s/1?id=1",
    first_seen=AT,
    last_seen=AT,
    gone_at=None,
    version=2,
    text_hash="abc",
    document=Document(
        url="https://post.com/s/1",
        title="خبر می\u200cرسد",
        text='One, "two".\n\nThree.',
        authors=("Ann Lee", "Bo Ek"),
        published=Moment(AT, "second", "+02:00", "json-ld"),
        language="fa",
        tags=("bay", "storm"),
        rights=("noai",),
        extractor="trafilatura",
        extractor_version="2",
    ),
    completeness=Completeness.TRUNCATED,
    status=200,
    mime="text/html",
    captured_at=AT,
    location=RecordLocation("a.warc.gz", 100, 50, "<urn:uuid:1>"),
    digest="sha1:X",
    rights=("noai",),
    versions=3,
)

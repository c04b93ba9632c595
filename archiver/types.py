"""The things that flow through archiver, from a found link to an indexed version.

Everything left of the WARC makes a `Capture`; everything right of it takes a `Snapshot`. All of them
are frozen, slotted dataclasses; datetimes are aware and in UTC; bytes are kept as they came.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from archiver.documents import (  # what the reading side has of its own
    MARK_END as MARK_END,
)  # fmt: skip
from archiver.documents import (
    MARK_START as MARK_START,
)
from archiver.documents import (
    Article as Article,
)
from archiver.documents import (
    Completeness as Completeness,
)
from archiver.documents import (
    Document as Document,
)
from archiver.documents import (
    Hit as Hit,
)
from archiver.documents import (
    Moment as Moment,
)
from archiver.documents import (
    Query as Query,
)
from archiver.documents import (
    RecordLocation as RecordLocation,
)


class Kind(StrEnum):
    """What a link was followed for; what the page turned out to be is a `Reading`."""

    ROBOTS = "robots"
    SITEMAP = "sitemap"
    FEED = "feed"
    SECTION = "section"
    ARTICLE = "article"
    RESOURCE = "resource"  # pictures, scripts and the like: only imported archives hold them


@dataclass(frozen=True, slots=True)
class Rules:
    """What a user says of a site's pages: selectors (CSS or XPath) that go before what is learned.

    Lines that repeat on the site's pages and lines of the lexicon go from inside the body too.
    """

    body: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    byline: tuple[str, ...] = ()
    date: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timing:
    """When a source is asked, and its articles again; see ``docs/schedules.md``.

    `schedule` is auto, "every 30m" or a cron text, in the IANA time zone `zone`; `revisits` are the ages at
    which an article is fetched again; `longest` is how long one run may take. `fastest` and `slowest` bound
    the intervals of "auto"; `silent_after` is how long no new article is no alarm, None to learn it.
    """

    schedule: str = "auto"
    zone: str = "UTC"
    revisits: tuple[timedelta, ...] = (
        timedelta(hours=1),
        timedelta(hours=6),
        timedelta(hours=24),
        timedelta(days=7),
        timedelta(days=30),
    )
    longest: timedelta = timedelta(hours=1)
    fastest: timedelta = timedelta(minutes=15)
    slowest: timedelta = timedelta(days=1)
    silent_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One outlet of ``sources.toml``. `allow` and `deny` are regular expressions on URLs."""

    name: str
    home: str
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    rules: Rules = Rules()
    timing: Timing = Timing()


@dataclass(frozen=True, slots=True)
class Link:
    """A URL that was found, and what is known of it before it is fetched.

    `told` are the lines of the article's whole text as its publisher's feed gave it, as short as
    ``lines.write`` makes them; "" where no feed gave it. `robots` tells whether robots.txt allowed the
    fetch, None where nobody asked it.
    """

    url: str
    kind: Kind
    source: str
    via: str = ""
    hops: int = 0
    published: Moment | None = None
    modified: Moment | None = None
    told: str = ""
    robots: bool | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What discovery read from one feed, sitemap or page.

    `problem` is a sentence for the user where the bytes were not what they were fetched for.
    """

    links: tuple[Link, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Capture:
    """One HTTP exchange as it was on the wire.

    `head` is the status line and headers as received, up to and with the empty line; `body` has its
    content coding as received and its transfer coding taken off. `at` is the start of the fetch,
    `took_ms` its length in milliseconds. `truncated` is length, time or disconnect where the body
    was cut, else empty. `standing` is what a 304 answer says still stands: the request asked for changes
    since that.
    """

    link: Link
    url: str
    at: datetime
    ip: str
    request: bytes
    head: bytes
    body: bytes
    took_ms: int
    truncated: str = ""
    standing: Original | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A fetch that brought no response: refused connection, unknown host, time-out."""

    link: Link
    url: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Original:
    """The record that holds the body which a revisit record leaves out (WARC/1.1, section 6.7).

    `url` and `at` are its target and its date; `location` says where it lies, None where nobody has
    looked for it in the index yet; `digest` is the body's payload digest, "" where nobody needs it.
    """

    url: str
    at: datetime | None
    record_id: str = ""
    location: RecordLocation | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A capture that is in a WARC. `digest` is its payload digest, ``sha1:`` and base32.

    `original` is set where the record is a revisit; until it is found, `capture.body` is empty.
    """

    capture: Capture
    location: RecordLocation
    digest: str
    original: Original | None = None

    def without_body(self) -> Snapshot:
        """Return the same without its bodies, which are in the WARC: they may be large."""
        return replace(self, capture=replace(self.capture, request=b"", body=b""))


@dataclass(frozen=True, slots=True)
class KeptFailure:
    """A failure that is in a WARC."""

    failure: Failure
    location: RecordLocation


@dataclass(frozen=True, slots=True)
class Redacted:
    """A record that was taken out of a WARC: what its place tells now (see ``docs/takedown.md``).

    `takedown` is the id of the takedown, "" where there was no room for it; `type` that of the record which lay there.
    `url` and `at` are those of the redaction; what the record was is in the log alone.
    """

    takedown: str
    type: str
    location: RecordLocation
    url: str = ""
    at: str = ""


Kept = Snapshot | KeptFailure | Redacted


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes of a WARC file that are no whole record: where they lie, why, and of which URL if known."""

    filename: str
    offset: int
    length: int
    reason: str
    url: str = ""

    def __str__(self) -> str:
        of = f" of {self.url}" if self.url else ""
        return f"{self.filename}: offset {self.offset}, {self.length} bytes{of}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A record as an index tells of it, ours or a CDXJ; `at` is UTC text."""

    url: str
    at: str
    status: int
    mime: str
    digest: str
    filename: str
    offset: int
    length: int
    revisit: bool = False
    record_id: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a verification must know of a record when it has seen all the others.

    The fields are the record's own; `alike` is the digest of its block. `ours` says that archiver
    wrote it.
    """

    filename: str
    offset: int
    name: str
    type: str
    url: str
    date: str
    digest: str
    alike: str
    ours: bool
    refers_to: str = ""
    refers_url: str = ""
    refers_date: str = ""
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What `verify` finds wrong: what kind of thing, in which file, at which byte, of which URL.

    A note is no fault: worth knowing, and nothing is wrong with the archive.
    """

    kind: str
    filename: str
    offset: int | None
    url: str
    what: str
    note: bool = False

    def __str__(self) -> str:
        at = "" if self.offset is None else f"offset {self.offset}"
        place = " ".join(filter(None, (at, f"of {self.url}" if self.url else "")))
        return ": ".join(filter(None, (self.filename, place, self.what)))


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one page teaches of its site (see ``extract.profile``), and which layout it has."""

    layout: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page turned out to be.

    `page` is article (then there is a document), hub (a list of links), consent, missing (a page that
    says it is not there), shell (nothing without JavaScript) or "". `note` says why nothing was read.
    `leaning` is what of its site's profile the reading leaned on (see ``extract.leaning``); no row holds it.
    """

    page: str = ""
    document: Document | None = None
    completeness: Completeness = Completeness.WHOLE
    note: str = ""
    lesson: Lesson | None = None
    leaning: bytes = b""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What indexing one kept exchange changed.

    `change` is new, changed, unchanged, lesser (less was shown than is kept), gone, hub, consent, missing,
    shell, unread (kept raw), kept (no page) or failed; `note` says why it was not read, or failed; `flags`
    are the document's, with "truncated" where the page was, and "restored" where the article was gone.
    """

    change: str
    url: str
    source: str
    article_id: int | None = None
    note: str = ""
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """One text of an article, and where the bytes lie from which it was read first.

    `number` counts in the order of indexing; `first_seen` and `last_seen` are times of captures. `url`,
    `location` and `digest` are those of the capture at `captured_at`.
    """

    article_id: int
    number: int
    title: str
    text: str
    text_hash: str
    language: str
    flags: tuple[str, ...]
    completeness: Completeness
    first_seen: datetime
    last_seen: datetime
    captured_at: datetime
    url: str
    status: int
    location: RecordLocation
    digest: str


@dataclass(frozen=True, slots=True)
class Visit:
    """One exchange of an article: `version` is the number of the one that it showed, None where it showed none.

    `page` is what the answer turned out to be (see `Reading`); `removed` says that it told the article is no
    longer there, `shown` that it showed a version.
    """

    at: datetime
    url: str
    status: int
    page: str
    version: int | None
    note: str
    shown: bool
    removed: bool


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to an article at a point in time.

    `what` is "edited" (`after` came, `before` is the version that was captured before it), "removed" (`before` is
    the version that was seen last) or "restored" (`after` is what is there again). `status` is the answer's.
    """

    at: datetime
    what: str
    article_id: int
    source: str
    url: str
    before: Version | None
    after: Version | None
    status: int = 200

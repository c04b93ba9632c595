"""archiver prove."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from archiver.cli import options, terminal
from archiver.cli.unfound import absent
from archiver.errors import DamagedError, NothingFound
from archiver.store.search import Index
from archiver.timestamps import iso

if TYPE_CHECKING:
    from archiver.proof import Check, Held, Proof


@click.command()
@click.argument("wanted", metavar="ID|URL")
@click.option(
    "--version", "number", type=click.IntRange(1), metavar="N",
    help="Prove this version; 'archiver history' lists them.  [default: the last]",
)  # fmt: skip
@click.option("--heads", is_flag=True, help="Show the heads of request and response, too.")
@options.as_json
@options.place
def prove(
    wanted: str, number: int | None, heads: bool, as_json: bool, place: options.Place
) -> None:
    """Show that an article is what was captured: read its bytes again, and hold them against the index.

    Checks the record's checksum and digests, reads the page from it as it was read before, and compares every field.
    Exit code 5: something does not agree; what, and why, is told.
    """
    from archiver.proof import prove as run

    layout = place.existing()
    with Index(layout.index) as index:
        article = index.article(wanted, number or 0)
        if article is None:
            if number and index.article(wanted) is not None:
                raise NothingFound(f"no article {wanted} with a version {number}")
            raise absent(layout, wanted)
        proof = run(layout, index, article, place.configuration().sources)
    if as_json:
        terminal.out_json(_json(proof, heads))
    else:
        _print(proof, heads)
    if proof.differs:
        told = ", ".join(check.what for check in proof.differs)
        raise DamagedError(
            f"index and bytes do not agree: {told}: {proof.because}", where=f"article {article.id}"
        )
    terminal.say(f"article {article.id}, version {article.version}: index and bytes agree")


def _json(proof: Proof, heads: bool) -> dict[str, Any]:
    article = proof.article
    told: dict[str, Any] = {
        "id": article.id, "version": article.version, "url": article.url, "title": article.document.title,
        "fetched_url": article.fetched_url, "captured_at": iso(article.captured_at),
        "ip": proof.records[0].ip if proof.records else "",
        "body_sha1": proof.body_sha1, "body_sha256": proof.body_sha256,
        "extractor": article.document.extractor, "extractor_version": article.document.extractor_version,
        "present_extractor_version": proof.extractor_version,
        "records": [_record(held) for held in proof.records],
        "checks": [
            {"what": c.what, "index": c.index, "bytes": c.bytes, "agrees": c.agrees, "detail": c.detail}
            for c in proof.checks
        ],
        "agrees": not proof.differs, "because": proof.because,
    }  # fmt: skip
    if heads:
        told["request_head"], told["response_head"] = (
            head.decode("utf-8", "backslashreplace")
            for head in (proof.request_head, proof.response_head)
        )
    return told


def _record(held: Held) -> dict[str, Any]:
    where = held.where
    return {
        "file": held.path, "offset": where.offset, "length": where.length, "record_id": where.record_id,
        "type": held.type, "url": held.url, "date": held.date, "sha256": held.sha256, "trouble": held.trouble,
    }  # fmt: skip


def _print(proof: Proof, heads: bool) -> None:
    article, document = proof.article, proof.article.document
    terminal.out(terminal.bold(terminal.field(document.title or "(no title)")))
    facts = [
        ("url", article.fetched_url),
        ("captured", iso(article.captured_at)),
        ("ip", proof.records[0].ip if proof.records else ""),
        ("version", f"{article.version} of {article.versions}"),
        ("body", f"{proof.body_sha1}" if proof.body_sha1 else ""),
        ("", f"sha256:{proof.body_sha256}" if proof.body_sha256 else ""),
        ("read by", f"{document.extractor} {document.extractor_version}"),
    ]
    for held in proof.records:
        kind = held.type or "record"
        facts += [
            (kind, held.path),
            ("", f"offset {held.where.offset}, {held.where.length} bytes, {held.where.record_id}"),
            ("", f"sha256:{held.sha256}" if held.sha256 else ""),
        ]
    for name, value in facts:
        if value:
            _line(name, value)
    terminal.out("")
    for check in proof.checks:
        _print_check(check)
    if heads:
        for name, head in (("request", proof.request_head), ("response", proof.response_head)):
            _print_head(name, head)


def _line(name: str, value: str) -> None:
    terminal.out(terminal.dim(f"{name:>18}  ") + terminal.field(value))


def _print_check(check: Check) -> None:
    """Print what both say: once where they say the same, else one under the other."""
    if check.agrees:
        sign, same = terminal.green("agrees "), check.index == check.bytes
        shown = check.bytes if same or not check.index else f"{check.index}: {check.bytes}"
        terminal.out(f"{sign}{terminal.dim(f'{check.what:>18}')}  {terminal.field(shown)}")
        return
    terminal.out(f"{terminal.red('DIFFERS')}{check.what:>18}  index: {terminal.field(check.index)}")
    terminal.out(f"{'':25}  bytes: {terminal.field(check.bytes)}")
    if check.detail:
        terminal.out(f"{'':27}{terminal.field(check.detail)}")


def _print_head(name: str, head: bytes) -> None:
    terminal.out("")
    if not head:
        terminal.out(terminal.dim(f"no {name} record is there"))
    for line in head.decode("utf-8", "backslashreplace").splitlines():
        if line:
            terminal.out(
                f"{terminal.dim('>' if name == 'request' else '<')} {terminal.field(line)}"
            )

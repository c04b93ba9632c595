"""What of a robots.txt is given to the parser, which runs on the event loop: little, and harmless.

Half a megabyte of rules keeps Protego busy for seconds, and each URL that is held against them for
a tenth of one.
"""

from __future__ import annotations

MAX_BYTES = 512 * 1024  # RFC 9309, section 2.5, asks for at least 500 KiB
MAX_WILDCARDS = 5  # of one rule
MAX_RULES = 2000  # in the groups that concern us
_AGENT = (b"user-agent", b"useragent", b"user agent")
_SITE_WIDE = (b"sitemap", b"sitemaps", b"site-map", b"host")


def rules(body: bytes, agent: str) -> bytes | None:
    """Return the groups of a robots.txt that may concern `agent` (RFC 9309, section 2.2.1).

    None where they have more rules than can be followed. Rules with very many wildcards are cut.
    """
    lines = body[:MAX_BYTES].removeprefix(b"\xef\xbb\xbf").splitlines()
    kept = list(filter(None, map(_bounded, _ours(lines, agent.lower().encode()))))
    return None if len(kept) > MAX_RULES else b"\n".join(kept)


def _ours(lines: list[bytes], agent: bytes) -> list[bytes]:
    kept, ours, naming = [], False, False
    for line in lines:
        name, colon, value = line.partition(b":")
        name = name.strip().lower()
        if not colon or name in _SITE_WIDE or name.startswith(b"#"):
            continue
        if name in _AGENT:
            ours = ours and naming
            naming = True
            if _concerns(value, agent):
                ours = True
                kept.append(line)
        else:
            naming = False
            if ours:
                kept.append(line)
    return kept


def _concerns(value: bytes, agent: bytes) -> bool:
    """Tell whether a user-agent line may mean `agent`; the parser decides, this only leaves out."""
    token = value.partition(b"#")[0].strip().lower().rstrip(b"*")
    return token in agent  # as "" is, which stood for *


def _bounded(line: bytes) -> bytes:
    """Cut a rule at its sixth wildcard, which each can double the time of a match.

    A Disallow then holds for more; an Allow would, too, and is left out.
    """
    parts = line.split(b"*")
    if len(parts) <= MAX_WILDCARDS + 1 or b":" not in parts[0]:
        return line
    return b"*".join(parts[: MAX_WILDCARDS + 1]) if b"disallow" in parts[0].lower() else b""

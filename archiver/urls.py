"""URLs: one spelling for one page, what belongs to one site, and which addresses may be dialled.

Identity is never stripped: of the query only a fixed list of trackers goes, and the rest keeps its
order, because ``?id=`` and its kind tell two stories apart.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit, urlunsplit

TRACKERS = frozenset(
    [
        "fbclid",
        "gclid",
        "dclid",
        "gbraid",
        "wbraid",
        "msclkid",
        "yclid",
        "igshid",
        "mc_cid",
        "mc_eid",
        "twclid",
        "ttclid",
        "_ga",
        "_gl",
        "_hsenc",
        "_hsmi",
        "mkt_tok",
        "oly_anon_id",
        "oly_enc_id",
        "vero_id",
        "wickedid",
        "s_cid",
        "ns_mchannel",
    ]
)
# IPv6 networks whose last 32 bits are an IPv4 address (RFC 6052, RFC 8215; RFC 4291, 2.5.5.1).
_TRANSLATED = [ipaddress.ip_network(n) for n in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")]
DEFAULT_PORTS = {"http": 80, "https": 443}
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2})?")
_NOT_A_PAGE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|avif|ico|css|js|mjs|pdf|docx?|xlsx?|pptx?|zip|gz|rar|mp[34]|m4a|"
    r"webm|ogg|wav|avi|mov|woff2?|ttf|apk|exe|dmg)$",
    re.IGNORECASE,
)
_NOT_ASCII = re.compile(r"[^\x21-\x7e]+")
_PERCENT = re.compile(r"%[0-9a-fA-F]{2}")
_NO_HOST = re.compile(r"[\x00-\x20\x7f\"%<>\[\\\]^`{|}]")


@lru_cache(maxsize=1)
def _suffixes() -> Any:
    """Return the list that tldextract ships; its own default asks the network for a newer one."""
    import tldextract  # slow to import, and searching does not need it

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def normalise(url: str) -> str:
    """Return `url` in the one spelling archiver uses, or "" when it is no http(s) URL.

    Fragment, user info, default port, trackers and white space around it go; scheme and host are
    lower-case; path and the rest of the query stay as they are, in ASCII (RFC 3987, section 3.1).
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in DEFAULT_PORTS or not parts.hostname or port == 0:
        return ""
    host = _ascii_host(parts.hostname)
    if not host:
        return ""
    netloc = host if port in (None, DEFAULT_PORTS[parts.scheme]) else f"{host}:{port}"
    path, query = _ascii(parts.path or "/"), _ascii(_without_trackers(parts.query))
    return urlunsplit((parts.scheme, netloc, path, query, ""))


def _ascii(text: str) -> str:
    """Percent-encode what is not ASCII, and give one case to what is encoded already."""
    text = _NOT_ASCII.sub(lambda match: quote(match[0], safe="", errors="replace"), text)
    return _PERCENT.sub(lambda match: match[0].upper(), text)


def _ascii_host(host: str) -> str:
    if ":" in host:
        return f"[{host}]" if host.isascii() else ""
    try:
        host = host if host.isascii() else host.encode("idna").decode().lower()
    except UnicodeError:
        return ""
    return "" if _NO_HOST.search(host) else host


def _without_trackers(query: str) -> str:
    kept = []
    for pair in query.split("&"):
        name = pair.partition("=")[0].lower()
        if pair and name not in TRACKERS and not name.startswith("utm_"):
            kept.append(pair)
    return "&".join(kept)


def join(base: str, reference: str) -> str:
    """Return `reference` as seen from `base`, normalised, or "" when it leads to no web page."""
    reference = reference.strip()
    try:
        return normalise(urljoin(base, reference)) if reference else ""
    except ValueError:
        return ""


def host_port(url: str) -> str:
    """Return ``host:port`` of `url`, the port always named, an IPv6 address in brackets."""
    parts = urlsplit(url)
    return authority(parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme, 0))


def authority(host: str, port: int) -> str:
    """Return ``host:port`` in lower case, an IPv6 address in brackets."""
    return f"[{host}]:{port}".lower() if ":" in host else f"{host}:{port}".lower()


@lru_cache(maxsize=4096)
def site(url: str) -> str:
    """Return what makes two URLs one site: the registrable domain, or host:port of an IP address."""
    parts: SplitResult = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return str(_suffixes()(host).top_domain_under_public_suffix) or host_port(url)
    return host_port(url)


def is_web_address(url: str) -> bool:
    """Tell whether `url`, as it is written, can be asked over HTTP, and names no user and no password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    written = not _NOT_ASCII.search(url) and port != 0 and "@" not in parts.netloc
    return written and parts.scheme in DEFAULT_PORTS and bool(parts.hostname)


def is_home(url: str) -> bool:
    """Tell whether `url` is a front page: no path to speak of and no query."""
    parts = urlsplit(url)
    return (
        parts.path.strip("/").lower() in ("", "index.html", "index.php", "home") and not parts.query
    )


def leads_home(url: str, from_url: str) -> bool:
    """Tell whether `url` is the front page, or that of a language, of the site of another page."""
    path = urlsplit(url).path.strip("/").lower()
    front = is_home(url) or (bool(_LANGUAGE.fullmatch(path)) and not urlsplit(url).query)
    return front and site(url) == site(from_url) and url != from_url


def canonical(declared: str, fetched: str) -> str:
    """Return the URL that names the article fetched from `fetched`.

    A declared ``rel=canonical`` counts within the same site only, and never when it names the front
    page while another page was fetched.
    """
    own = normalise(fetched)
    url = join(fetched, declared) if declared else ""
    if not url or site(url) != site(own) or (is_home(url) and not is_home(own)):
        return own
    return url


def spellings(url: str) -> set[str]:
    """Return the other spellings of a normalised URL under which sites show one page.

    http and https, with www. and without, with a slash at the end of the path and without; the default port goes.
    """
    parts = urlsplit(normalise(url))
    if not parts.netloc:
        return set()
    bare = parts.netloc.removeprefix("www.")
    path = parts.path.rstrip("/")
    found = {
        urlunsplit((scheme, host, path + end, parts.query, ""))
        for scheme in (DEFAULT_PORTS if parts.port is None else (parts.scheme,))
        for host in (bare, f"www.{bare}")
        for end in ("", "/")
        if path + end
    }
    return found - {url}


def is_page(url: str) -> bool:
    """Tell whether the path of `url` could be a web page, judging by its ending."""
    return not _NOT_A_PAGE.search(urlsplit(url).path)


def looks_like_article(url: str) -> bool:
    """Guess from its shape whether `url` is one story and not a list of them.

    Used only to choose what to fetch from hub pages: what a page is, is decided from its content.
    """
    parts = urlsplit(url)
    path = unquote(parts.path).rstrip("/")
    last = path.rsplit("/", 1)[-1]
    return bool(
        re.search(r"/(?:19|20)\d\d/\d{1,2}/", path + "/")
        or re.search(r"\d{4,}", path)
        or re.search(r"(?:^|&)\w*id=\d+", parts.query, re.IGNORECASE)
        or re.search(r"/(?:story|article|news-details|news|khabar)/[^/]+$", path)
        or len(re.findall(r"[-_ ]", last)) >= 3
    )


def is_global(address: str) -> bool:
    """Tell whether an IP address may be dialled without being named: global, not multicast."""
    ip = ipaddress.ip_address(address)
    mapped = getattr(ip, "ipv4_mapped", None) or getattr(ip, "sixtofour", None)
    if mapped is None and any(ip in network for network in _TRANSLATED):
        mapped = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if mapped is not None:
        return is_global(str(mapped))
    return ip.is_global and not ip.is_multicast

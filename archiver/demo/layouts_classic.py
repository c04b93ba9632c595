"""The article templates with HTML of long ago: ASPNET and TABLE."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha512
from html import escape

from archiver.demo.furniture import (
    Sheet,
    breadcrumb,
    bullets,
    comment_fields,
    document,
    footer_links,
    interrupted,
    lines,
    links,
    meta,
    more_link,
    navigation,
    paragraphs,
    picture,
    related_links,
    share_links,
    tags,
)

_XHTML = (
    'html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"'
    ' "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd"'
)
_HTML_4 = 'HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN"'
_ASPNET_CSS = """
#ctl00_pnlMenu { border: 1px solid #999; background: #eee; padding: .3rem .8rem; }
.lblTitle { color: #7a1f0b; } .box { border: 1px solid #ccc; padding: .5rem 1rem; margin: 1rem 0; }
"""


def aspnet(sheet: Sheet) -> str:
    """Lay out one big form around everything; the date is in words only.

    The Arabic pages have the same useless `<title>` all over; Persian ones name the date in a meta.
    """
    story, words = sheet.story, sheet.words
    title = words.story if story.language == "ar" else sheet.full_title
    issued = [meta("DC.date.issued", story.published_at.isoformat())]
    head = [*_head(sheet), *(issued if story.language == "fa" else [])]
    body = f"""<form method="post" action="{escape(sheet.url)}" id="aspnetForm">
{_hidden_fields(story.id)}
<div id="ctl00_pnlMenu">{links(navigation(story.language), " | ")}</div>
<div id="ctl00_SiteMapPath">{breadcrumb(sheet)}</div>
{_aspnet_story(sheet)}
{_aspnet_boxes(sheet)}
<div class="muted">{escape(words.rights)} {links(footer_links(story.language), " | ")}</div>
</form>"""
    return document(sheet.words, title, head, body, css=_ASPNET_CSS, doctype=_XHTML)


def _hidden_fields(number: int) -> str:
    state = b64encode(sha512(str(number).encode()).digest() * 12).decode()
    return f"""<div><input type="hidden" name="__VIEWSTATE" id="__VIEWSTATE" value="{state}">
<input type="hidden" name="__EVENTVALIDATION" value="{state[:80]}"></div>"""


def _aspnet_story(sheet: Sheet) -> str:
    story, words = sheet.story, sheet.words
    return f"""<div id="ctl00_Main_pnlDetails">
<h1><span id="ctl00_Main_lblTitle" class="lblTitle">{escape(story.title)}</span></h1>
<div><span id="ctl00_Main_lblDate">{escape(sheet.date_line)}</span>
<span id="ctl00_Main_lblAuthor">{escape(sheet.byline)}</span></div>
<div id="ctl00_Main_pnlShare">{escape(words.share)} {links(share_links(sheet), " | ")}</div>
<div id="ctl00_Main_imgMain">{picture(story)}<br>
<span class="muted">{escape(sheet.caption)}</span> <span class="muted">{escape(words.credit)}</span>
</div>
<div id="ctl00_Main_divBody">
{lines(interrupted(sheet, paragraphs(story.paragraphs)))}
<p>&nbsp;</p>
</div>
<div id="ctl00_Main_lblTags">{tags(sheet)}</div>
</div>"""


def _aspnet_boxes(sheet: Sheet) -> str:
    words = sheet.words
    return f"""<div class="box"><h3>{escape(words.related)}</h3>
{bullets(related_links(sheet))}</div>
<div class="box"><h3>{escape(words.add_comment)}</h3>
{comment_fields(words, "ctl00$Main$txt")}</div>
<div>{more_link(sheet)}</div>"""


def table(sheet: Sheet) -> str:
    """Lay out nested tables and fonts; half of the body is `<p>`, half is divided by `<br>`."""
    story, words = sheet.story, sheet.words
    head = [
        *_head(sheet),
        meta("date", story.published_at.isoformat()),
        meta("author", story.author),
    ]
    body = f"""<table width="100%" border="0" cellpadding="6">
<tr><td colspan="2" bgcolor="#0b4f7a" align="center"><font size="6" color="white">\
{escape(words.paper)}</font><br><font color="white">{escape(words.tagline)}</font></td></tr>
<tr><td colspan="2" bgcolor="#dde7ee">{links(navigation(story.language), " | ")}</td></tr>
<tr valign="top"><td width="75%">{_table_story(sheet)}</td>
<td width="25%" bgcolor="#f4f4f4">{_table_side(sheet)}</td></tr>
<tr><td colspan="2" align="center"><font size="2">{escape(words.rights)}<br>
{links(footer_links(story.language), " | ")}</font></td></tr>
</table>"""
    return document(sheet.words, sheet.full_title, head, body, doctype=_HTML_4)


def _table_story(sheet: Sheet) -> str:
    story, words = sheet.story, sheet.words
    return f"""<table width="100%" border="0" cellspacing="4">
<tr><td><font size="2">{breadcrumb(sheet)}</font></td></tr>
<tr><td><font size="5" color="#7a1f0b"><b>{escape(story.title)}</b></font></td></tr>
<tr><td><font size="2">{escape(sheet.date_line)} - {escape(sheet.byline)}</font></td></tr>
<tr><td align="center"><table border="1" cellspacing="0"><tr><td>{picture(story, 480)}</td></tr>
<tr><td><font size="2">{escape(sheet.caption)} - {escape(words.credit)}</font></td></tr></table>
</td></tr>
<tr><td><font size="4">
{_table_text(story.paragraphs)}
</font></td></tr>
<tr><td><font size="2">{tags(sheet)}</font></td></tr>
<tr><td><font size="2">{escape(words.share)} {links(share_links(sheet), " - ")}</font></td></tr>
</table>"""


def _table_text(texts: tuple[str, ...]) -> str:
    middle = len(texts) // 2
    rest = "\n<br><br>\n".join(escape(text) for text in texts[middle:])
    return f"{lines(paragraphs(texts[:middle]))}\n{rest}"


def _table_side(sheet: Sheet) -> str:
    words = sheet.words
    return f"""<table width="100%">
<tr><td bgcolor="#dde7ee"><b>{escape(words.related)}</b></td></tr>
<tr><td>&bull; {links(related_links(sheet), "<br>&bull; ")}<br>{more_link(sheet)}</td></tr>
<tr><td bgcolor="#dde7ee"><b>{escape(words.add_comment)}</b></td></tr>
<tr><td><form method="post" action="{escape(sheet.url)}">
{comment_fields(words)}
</form></td></tr></table>"""


def _head(sheet: Sheet) -> list[str]:
    content = f"text/html; charset={escape(sheet.charset)}"
    declared = f'<meta http-equiv="Content-Type" content="{content}">'
    canonical = f'<link rel="canonical" href="{escape(sheet.url)}">'
    notices = [meta(name, text) for name, text in sheet.notices]
    return [*([declared] if sheet.charset else []), canonical, *notices]

"""Layouts of long ago: one form around the page, layout tables with fonts, pages made by hand."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha512
from html import escape

from archiver.demo.furniture import bullets, comment_fields, lines, link, links, meta
from bench.layouts_parts import (
    VISITED,
    WORDS,
    Sheet,
    both_calendars,
    comments,
    each,
    foot,
    frame,
    levant,
    menu,
    more,
    numbers,
    photo,
    share,
    trail,
)
from bench.layouts_words import (
    ABOUT,
    ADVERT,
    CAPTION,
    CREDIT,
    LATEST,
    MOST_READ,
    NEWSLETTER,
    POLICY,
    SUBSCRIBE,
    TODAY,
    VIEWS,
)

_XHTML = """<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" \
"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">
<html xmlns="http://www.w3.org/1999/xhtml" dir="rtl">"""
_HTML_4 = '<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN">\n<html dir="rtl">'
_UTF_8 = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />'
_ARABIC = "<META http-equiv=Content-Type content='text/html; charset=windows-1256'>"
_MAIN = "ctl00_ContentPlaceHolder1_"
_FONT = '<font face="Simplified Arabic" size="4">*</font>'


def webforms(sheet: Sheet) -> str:
    """ASP.NET WebForms: one form, ids like ctl00_..., paragraphs parted by two `<br />`."""
    state = b64encode(sha512(sheet.story.title.encode()).digest() * 9).decode()
    title = f"{sheet.outlet.name} | {sheet.story.title}"
    today = levant(sheet.at + VISITED).partition(" - ")[0]
    body = f"""<body><form name="aspnetForm" method="post" action="details.aspx" id="aspnetForm">
<div><input type="hidden" name="__VIEWSTATE" id="__VIEWSTATE" value="{state}" /></div>
<table width="980" align="center" cellpadding="0"><tr><td colspan="2">
<a id="ctl00_lnkHome" href="/">{escape(sheet.outlet.name)}</a>
<span id="ctl00_lblMotto">{escape(sheet.outlet.motto)}</span>
<span id="ctl00_lblToday">{escape(TODAY)} {escape(today)}</span></td></tr>
<tr><td colspan="2"><div id="ctl00_mnuMain">{links(menu(), " | ")}</div></td></tr>
<tr valign="top"><td id="ctl00_tdMain">
<span id="{_MAIN}SiteMapPath1">{trail(sheet, " > ")}</span>
{_webforms_story(sheet)}
{_webforms_below(sheet)}</td>
<td width="240"><div id="ctl00_ucMostRead_pnlBox"><span class="boxTitle">\
{escape(WORDS.most_read)}</span>{bullets(MOST_READ)}</div></td></tr></table>
<div id="ctl00_pnlFooter">{foot(" | ")}<br /><span id="ctl00_lblRights">{escape(sheet.rights)}\
</span></div></form></body>"""
    return frame(title, [_UTF_8], body, _XHTML)


def _webforms_story(sheet: Sheet) -> str:
    text = "<br /><br />\n".join(map(escape, sheet.story.paragraphs))
    return f"""<div id="{_MAIN}pnlDetails">
<span id="{_MAIN}lblTitle" class="newsTitle">{escape(sheet.story.title)}</span><br />
<span id="{_MAIN}lblDate">{numbers(sheet.at, time=True)}</span>
<span id="{_MAIN}lblAuthor">{escape(sheet.byline)}</span>
<span id="{_MAIN}lblViews">{escape(VIEWS)} 4817</span>
<div id="{_MAIN}pnlTools">{escape(WORDS.share)} {share(sheet, " | ")}</div>
<div id="{_MAIN}pnlImage">{photo(sheet.story)}<br />
<span id="{_MAIN}lblCaption">{escape(CAPTION)}</span> <span>{escape(CREDIT)}</span></div>
<span id="{_MAIN}lblDetails">{text}<br /><br /></span>
</div>"""


def _webforms_below(sheet: Sheet) -> str:
    related = lines(
        f'<tr><td><img src="/i/arrow.gif" alt="" /> {link(*target)}</td></tr>'
        for target in sheet.related_links
    )
    readers = lines(
        f"""<div class="cmt"><span id="{_MAIN}rptComments_ctl{n:02}_lblName">{escape(c.name)}</span>
<span>{numbers(at, time=True)}</span><br />
<span id="{_MAIN}rptComments_ctl{n:02}_lblBody">{escape(c.text)}</span></div>"""
        for n, (c, at) in enumerate(comments(sheet))
    )
    return f"""<span class="boxTitle">{escape(WORDS.related)}</span>
<table id="{_MAIN}dlRelated" cellspacing="0">{related}</table>
<a id="{_MAIN}lnkMore" href="javascript:__doPostBack('lnkMore','')">{escape(WORDS.more)}</a>
<div id="{_MAIN}pnlComments"><span class="boxTitle">{escape(WORDS.comments)}</span>
{readers}
<span class="boxTitle">{escape(WORDS.add_comment)}</span> <span>{escape(POLICY)}</span>
{comment_fields(WORDS, "ctl00$ContentPlaceHolder1$txt")}</div>"""


def fonts(sheet: Sheet) -> str:
    """Layout tables three deep and `<font>`; the Hijri date beside our own."""
    title = f"{sheet.story.title} - {sheet.outlet.name}"
    body = f"""<body bgcolor="#ffffff" topmargin="0">
<table width="100%" border="0"><tr><td align="center" bgcolor="#003366">
<font size="6" color="#ffffff"><b>{escape(sheet.outlet.name)}</b></font><br>
<font size="2" color="#ffffff">{escape(sheet.outlet.motto)}</font></td></tr>
<tr><td bgcolor="#cccccc"><font size="2">{links(menu(), " | ")}</font></td></tr>
<tr><td><table width="980" border="0" cellpadding="4" align="center"><tr valign="top">
<td width="160" bgcolor="#f0f0f0">{_fonts_side()}</td>
<td width="640">{_fonts_story(sheet)}</td>
<td width="180" bgcolor="#f0f0f0"><font size="2" color="#990000"><b>{escape(WORDS.related)}</b>\
</font><br><font size="2">{links(sheet.related_links, "<br>")}<br>{more(sheet)}</font></td>
</tr></table></td></tr>
<tr><td align="center"><font size="1">{foot(" - ")}<br>{escape(sheet.rights)}</font></td></tr>
</table></body>"""
    return frame(title, [_UTF_8, meta("keywords", WORDS.story)], body, _HTML_4)


def _fonts_side() -> str:
    return f"""<font size="2" color="#990000"><b>{escape(WORDS.most_read)}</b></font><br>
<font size="2">&bull; {links(MOST_READ, "<br>&bull; ")}</font><br><br>
<font size="2" color="#990000"><b>{escape(SUBSCRIBE)}</b></font><br>
<font size="2">{escape(NEWSLETTER)}</font>"""


def _fonts_story(sheet: Sheet) -> str:
    text = lines(each(f'<p align="justify">{_FONT}</p>', sheet.story.paragraphs))
    return f"""<table width="100%" border="0" cellspacing="6">
<tr><td><font size="1">{trail(sheet)}</font></td></tr>
<tr><td align="center"><div><font size="5" color="#003366"><b>{escape(sheet.story.title)}</b></font>\
</div></td></tr>
<tr><td><font size="2" color="#666666">{escape(both_calendars(sheet.at))}</font><br>
<font size="2">{escape(sheet.byline)}</font></td></tr>
<tr><td><table border="1" align="left" cellspacing="0"><tr><td>{photo(sheet.story)}</td></tr>
<tr><td><font size="1">{escape(CAPTION)}<br>{escape(CREDIT)}</font></td></tr></table>
{text}</td></tr>
<tr><td><hr><font size="2">{escape(WORDS.share)} {share(sheet, " - ")}</font></td></tr>
<tr><td bgcolor="#f0f0f0"><font size="3"><b>{escape(WORDS.add_comment)}</b></font>
<form method="post" action="add.asp">{comment_fields(WORDS)}</form></td></tr></table>"""


def inline(sheet: Sheet) -> str:
    """Made by hand: related links are `<p><a>` between the paragraphs; no class, and no date."""
    text = each("<p>*</p>", sheet.story.paragraphs)
    step = max(1, len(text) // (len(sheet.related) + 1))
    for n, target in reversed(list(enumerate(sheet.related_links, 1))):
        text.insert(n * step, f"<p>{link(*target)}</p>")
    body = f"""<body>
<p><b>{escape(sheet.outlet.name)}</b> {escape(sheet.outlet.motto)}</p>
<p>{links(menu(), " | ")}</p>
<p>{trail(sheet, " / ")}</p>
<h1>{escape(sheet.story.title)}</h1>
<p>{escape(sheet.byline)}</p>
<p>{photo(sheet.story)}</p>
<p><i>{escape(CAPTION)} - {escape(CREDIT)}</i></p>
{lines(text)}
<p>{escape(WORDS.share)} {share(sheet)}</p>
<p><b>{escape(WORDS.related)}</b></p>
<p>{links(sheet.related_links, "<br>")}</p>
<p>{more(sheet)}</p>
<p><a href="mailto:letters@site.example">{escape(WORDS.add_comment)}</a></p>
<p>{foot(" | ")}</p>
<p>{escape(ABOUT)}</p>
<p>{escape(sheet.rights)}</p>
</body>"""
    return frame(WORDS.story, ['<meta charset="utf-8">'], body)


def legacy(sheet: Sheet) -> str:
    """For windows-1256: a title that says nothing, the headline in a `<span>`, `<p>` never closed."""
    text = "\n".join(f"<P>{escape(paragraph)}" for paragraph in sheet.story.paragraphs)
    related = lines(f"<LI>{link(*target)}" for target in sheet.related_links)
    body = f"""<BODY dir=rtl><CENTER><B>{escape(sheet.outlet.name)}</B><BR>
{links(menu(), " * ")}</CENTER><HR>
<TABLE width=760 align=center><TR><TD class=path>{trail(sheet, " &gt;&gt; ")}</TD></TR>
<TR><TD><SPAN class=tit>{escape(sheet.story.title)}</SPAN><BR>
<SPAN class=dat>{numbers(sheet.at)}</SPAN> <SPAN class=src>{escape(sheet.byline)}</SPAN></TD></TR>
<TR><TD align=center>{photo(sheet.story)}<BR><SMALL>{escape(CAPTION)} / {escape(CREDIT)}</SMALL>
<TR><TD class=txt>{text}
<TR><TD><B>{escape(WORDS.related)}</B><UL>{related}</UL>{more(sheet)}
<TR><TD><B>{escape(LATEST)}</B><BR>{links(MOST_READ, "<BR>")}
<TR><TD class=ad>{escape(ADVERT)}
<TR><TD><B>{escape(WORDS.add_comment)}</B><FORM action=add.asp>{comment_fields(WORDS)}</FORM>
</TABLE><HR><CENTER>{foot(" * ")}<BR>{escape(sheet.rights)}</CENTER></BODY>"""
    return frame(WORDS.story, [_ARABIC], body, _HTML_4)

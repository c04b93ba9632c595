"""A small newspaper in Arabic, English and Persian, served over HTTP on loopback.

It is the demo that needs no network and the site that the tests crawl. Each module reads only the
ones before it:

    stories      the text files in `articles/`, as `Story`
    addresses    what stands at which URL
    wording      the words around the stories, in three languages
    datelines    dates as readers see them
    furniture    the pieces that pages share
    layouts_*    the five article templates
    templates    `render_article`: a story in one of them
    hubs         home, section and message pages
    pictures     a drawing for each story
    feeds, sitemaps
    replies      a page dressed as an HTTP reply
    editions     all pages of one visit
    newspaper    `Newspaper`: a request in, a reply out, no socket
    server       `NewspaperServer`: the same on a socket

and, for trials that last thirty days by a turned clock, five papers in which something happens:

    press_wording, press_stories   which stories each paper has, and when they come out
    press_edits, press_events      what becomes of them, as `Event`
    press_pages, press_site        a paper at an instant
    press                          `Press`: the five on ports of their own
"""

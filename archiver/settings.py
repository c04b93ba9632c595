"""Scrapy's settings for archiver, and the place of each of its parts among Scrapy's own.

What is set here differs from Scrapy's default for a reason given beside it. What the operator says
in ``sources.toml`` is laid over it by `archiver.crawl`.
"""

from __future__ import annotations

BOT_NAME = "archiver"
SPIDER_MODULES = ["archiver.spiders"]
ARCHIVER_ARCHIVE = "archive"
ARCHIVER_ALLOW_HOSTS: list[str] = []
ARCHIVER_CONTACT = ""
ARCHIVER_OPERATOR = ""

# From the engine (low) to the downloader (high). Scrapy's own, for orientation:
# default headers 400, user agent 500, retry 550, decompression 590, redirect 600, cache 900.
DOWNLOADER_MIDDLEWARES = {
    "archiver.middlewares.guard.GuardMiddleware": 20,
    "archiver.middlewares.trap.TrapMiddleware": 30,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "archiver.middlewares.robots.RobotsMiddleware": 100,
    "archiver.middlewares.politeness.PolitenessMiddleware": 540,
    "archiver.middlewares.politeness.BackOffMiddleware": 560,
    "archiver.middlewares.resume.ResumeMiddleware": 940,
    "archiver.middlewares.conditional.ConditionalMiddleware": 945,
    "archiver.middlewares.capture.CaptureMiddleware": 950,
}
# First of all pipelines (a project's own have 0 to 1000), and what they take goes no further.
ITEM_PIPELINES = {
    "archiver.pipelines.warc.WarcPipeline": -2,
    "archiver.pipelines.index.IndexPipeline": -1,
}
DOWNLOAD_HANDLERS: dict[str, str | None] = {
    "http": "archiver.wire.WireHandler",
    "https": "archiver.wire.WireHandler",
    # Nothing on the web may lead to these.
    "file": None,
    "ftp": None,
    "s3": None,
    "data": None,
}
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    # gzip only: br and zstd records cannot be read by warcio, pywb and replayweb.page.
    "Accept-Encoding": "gzip",
}

DOWNLOAD_MAXSIZE = 32 * 1024 * 1024  # Scrapy's 1 GiB lets 809 bytes of brotli take 3 GB of memory
DOWNLOAD_TIMEOUT = 30
DOWNLOAD_VERIFY_CERTIFICATES = True
COOKIES_ENABLED = False  # a cookie makes tldextract ask the network for a list
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False  # a port that runs Python
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "archiver"

CONCURRENT_REQUESTS = 32
# Breadth first: Scrapy's last in, first out walks into link traps.
DEPTH_PRIORITY = 1
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"
# A spider is told of errors, too. The meta key handle_httpstatus_all would stop redirects as well.
HTTPERROR_ALLOW_ALL = True
# Both work on the event loop, on what the archive reads in worker processes anyway.
COMPRESSION_ENABLED = False
METAREFRESH_ENABLED = False
RETRY_GIVE_UP_LOG_LEVEL = "INFO"  # failures are told in the summary
TWISTED_REACTOR_ENABLED = False  # nothing here needs Twisted's reactor

# What an archive needs, whoever's spiders run: the add-on sets these and no others.
FOR_ANY_PROJECT = (
    "DOWNLOAD_MAXSIZE",
    "DOWNLOAD_TIMEOUT",
    "DOWNLOAD_VERIFY_CERTIFICATES",
    "COOKIES_ENABLED",
    "TELNETCONSOLE_ENABLED",
    "REMOTE_CONTROL_ENABLED",
    "ROBOTSTXT_OBEY",
    "ROBOTSTXT_USER_AGENT",
    "ARCHIVER_ARCHIVE",
    "ARCHIVER_ALLOW_HOSTS",
)
MERGED = (
    "DOWNLOAD_HANDLERS",
    "DEFAULT_REQUEST_HEADERS",
    "DOWNLOADER_MIDDLEWARES",
    "ITEM_PIPELINES",
)

"""archiver keeps the news: WARC snapshots, clean text and a searchable index."""

__version__ = "0.1.0"

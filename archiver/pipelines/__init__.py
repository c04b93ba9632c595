"""Item pipelines: two adapters that decide nothing, from Scrapy to `archiver.ingest`."""

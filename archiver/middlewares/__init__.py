"""Downloader middlewares: what may be asked for, how politely, and that every answer is kept.

Their places among Scrapy's own stand in one table, in `archiver.settings`.
"""

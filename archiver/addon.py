"""The add-on that gives any Scrapy project an archive.

    ADDONS = {"archiver.addon.ArchiveAddon": 100}
    ARCHIVER_ARCHIVE = "archive"

Every exchange of the project's spiders is then written to WARC files, read and indexed, and
``archiver search --archive archive`` finds it.
"""

from __future__ import annotations

from scrapy.settings import SETTINGS_PRIORITIES, BaseSettings

from archiver import settings as ours


class ArchiveAddon:
    """Adds archiver's handler, middlewares and pipelines to a project's own."""

    def update_settings(self, settings: BaseSettings) -> None:
        """Set what an archive needs; what the project sets itself stands."""
        for name in ours.FOR_ANY_PROJECT:
            settings.set(name, getattr(ours, name), "addon")
        for name in ours.MERGED:
            # Never below the project's: a project without Twisted's reactor gets handlers of
            # Scrapy's choice at that priority, and those would take the place of ours.
            priority = max(settings.getpriority(name) or 0, SETTINGS_PRIORITIES["project"])
            merged = getattr(ours, name) | dict(settings.getdict(name))
            settings.set(name, merged, priority)

"""Exports: the articles of a search as rows in files, datasets with a card, and archives that travel."""

from archiver.export.rows import FIELDS as FIELDS
from archiver.export.rows import NAMES as NAMES
from archiver.export.rows import Field as Field
from archiver.export.rows import Row as Row
from archiver.export.rows import row as row

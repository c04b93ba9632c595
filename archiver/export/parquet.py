"""Rows as Parquet, by pyarrow: zstd, groups of rows that fit in memory, and no time of writing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from archiver.errors import DamagedError
from archiver.export.rows import FIELDS, Row
from archiver.export.schemas import arrow_schema

if TYPE_CHECKING:
    import pyarrow

LEVEL = 3  # of zstd
# Of the paragraphs: they are the text once more, and to compress them takes as long as all the rest.
LEVEL_AGAIN = 1
# Each value is another, so a dictionary of them would be begun in vain, and their bounds say nothing.
_UNLIKE = ("url", "canonical_url", "title", "text", "text_hash", "warc_record_id", "warc_payload_digest")  # fmt: skip
_LISTS = tuple(field.name for field in FIELDS if field.type == "list")
_TEXTS = [field.name for field in FIELDS if field.type in ("string", "list")]
_ALIKE = [name for name in _TEXTS if name not in (*_UNLIKE, "paragraphs")]
_BOUNDED = [f.name for f in FIELDS if f.name not in (*_UNLIKE[2:4], *_LISTS)]


class Parquet:
    """Writes Parquet to a stream; what is written at once is one row group."""

    def __init__(self, stream: BinaryIO) -> None:
        """Write to `stream`, which stays open."""
        from pyarrow.parquet import ParquetWriter  # takes a while

        self._stream = stream
        levels = {_column(field.name): LEVEL for field in FIELDS}
        levels[_column("paragraphs")] = LEVEL_AGAIN
        self._writer: Any = ParquetWriter(
            stream, arrow_schema(), compression=dict.fromkeys(levels, "zstd"), compression_level=levels,
            use_dictionary=list(map(_column, _ALIKE)), write_statistics=_BOUNDED,
        )  # fmt: skip

    @property
    def size(self) -> int:
        """How many bytes were written."""
        return self._stream.tell()

    def write(self, rows: Sequence[Row]) -> None:
        """Write some rows as one group."""
        self._writer.write_table(table(rows), row_group_size=len(rows))

    def close(self) -> None:
        """Write the footer, without which a file is none."""
        self._writer.close()

    def abandon(self) -> None:
        """Hold nothing: pyarrow would only write a footer."""
        self._writer.is_open = False


def _column(name: str) -> str:
    """Return a field's column as Parquet names it."""
    return f"{name}.list.element" if name in _LISTS else name


def table(rows: Sequence[Row]) -> pyarrow.Table:
    """Return rows as a table of the Arrow schema. Raises DamagedError for a time that is none."""
    import pyarrow as pa

    schema = arrow_schema()
    columns = []
    # Rows have their values in the order of the fields: this is ten times as fast as asking for each by name.
    for field, values in zip(
        schema, zip(*(row.values() for row in rows), strict=True), strict=True
    ):
        if not pa.types.is_timestamp(field.type):
            columns.append(pa.array(values, field.type))
            continue
        try:  # Arrow reads the texts faster than Python would
            columns.append(pa.array(values, pa.string()).cast(field.type))
        except pa.ArrowInvalid as error:
            raise DamagedError(
                f"a row of the index was changed or is damaged: {field.name}: {error}",
                remedy="'archiver rebuild' makes it again from the WARC files",
            ) from error
    return pa.Table.from_arrays(columns, schema=schema)

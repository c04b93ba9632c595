"""The index: SQLite, one writer, many readers. A function of the WARC files and ``sources.toml``.

The only room that uses sqlite3 and sqlite-utils. `Store` writes, `Index` reads.
"""

"""An index of a few articles in Arabic and English, some of which mean harm."""

from pathlib import Path
from typing import Any

from tests.samples import moment, reading
from tests.store.conftest import Desk

HOSTILE = '<img src=x onerror="alert(1)"> flood'
PAGES: list[tuple[Any, ...]] = [
    # source, URL, title, text, language, day of February 2026
    ("mirror", "https://mirror.example/1", "الخلافة في كتب التاريخ",
     "كتب المؤرخون عن الخلافة وعن نظام الحكم، ثم عن الخلفاء وما تركوه من كتب.", "ar", 1),
    ("mirror", "https://mirror.example/2", "Floods in the valley",
     "The river rose at night and the flooded bridge was closed. A second bridge held.", "en", 2),
    ("herald", "javascript:alert(1)", HOSTILE,
     "A text with <script>alert(2)</script> about a flood & more, by «somebody».", "en", 3),
    ("herald", "https://herald.example/4", "حديث عن خلافة قديمة",
     "في المتحف خريطة عن خلافة قديمة لا يعرف عنها أحد شيئا.", "ar", 4),
]  # fmt: skip


def fill(path: Path) -> Path:
    """Write the index at `path`, close it, and return the path."""
    desk = Desk(path)
    for source, url, title, text, language, day in PAGES:
        page = reading(title, text, url, language=language, published=moment(day))
        desk.add(page, url=url, source=source)
    desk.close()
    return path

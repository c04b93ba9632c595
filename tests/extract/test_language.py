from __future__ import annotations

import pytest

from archiver.extract.language import detect


@pytest.mark.parametrize(
    ("text", "declared", "code"),
    [
        ("كتب الصحفي عن المدينة", "", "ar"),
        ("كتب الصحفي عن المدينة", "ar-PS", "ar"),
        ("كتب الصحفي عن المدينة", "en", "ar"),
        ("گزارش روز از شهر و بندر و پنج کشتی", "", "fa"),
        ("گزارش روز از شهر و بندر و پنج کشتی", "ckb", "ckb"),
        ("یہ خبر ہے کہ شہر میں بڑے لوگ آئے", "", "ur"),
        ("شلوم שלום לכולם", "iw", "he"),
        ("Городские новости", "", "ru"),
        ("Міські новини", "uk-UA", "uk"),
        ("Τα νέα της πόλης", "en", "el"),
        ("城市新闻", "", "zh"),
        ("町のニュースです", "", "ja"),
        ("新聞", "ja", "ja"),
        ("도시 소식", "", "ko"),
        ("ข่าวเมือง", "", "th"),
        ("शहर की खबरें", "mr", "mr"),
        ("News of the town", "en_GB", "en"),
        ("Nyheter fra byen", "nb-NO", "no"),
        ("News of the town", "", ""),
        ("News of the town", "ar", ""),
        ("News of the town", "x1", ""),
        ("", "de", "de"),
        ("", "", ""),
        ("BBC NATO كتب الصحفي عن المدينة والميناء", "", "ar"),
    ],
)
def test_the_script_keeps_the_declaration_honest(text: str, declared: str, code: str) -> None:
    assert detect(text, declared) == code

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
        ("Городские новости", "", ""),
        ("Городские новости", "ru", "ru"),
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
        ("گزارش روز از شهر و بندر و پنج کشتی", "ar", "fa"),
        ("നഗരത്തിലെ വാർത്തകൾ", "en", "ml"),
        ("12345", "en", "en"),
    ],
)
def test_the_script_keeps_the_declaration_honest(text: str, declared: str, code: str) -> None:
    assert detect(text, declared) == code


LONG = {
    "en": "The harbour office opened its doors again this morning after a winter of repairs, and the first "
    "boats were already waiting. Nobody had expected so many people to come, said the woman who keeps "
    "the keys, but then the children had been asking for weeks when they could see the new lamp.",
    "de": "Das Hafenamt hat heute Morgen nach einem Winter voller Reparaturen wieder geöffnet, und die ersten "
    "Boote warteten schon. Niemand hatte mit so vielen Menschen gerechnet, sagte die Frau, die den "
    "Schlüssel verwahrt, aber die Kinder hatten seit Wochen gefragt, wann sie die neue Lampe sehen.",
    "ar": "فتح مكتب الميناء أبوابه من جديد هذا الصباح بعد شتاء طويل من الإصلاحات، وكانت القوارب الأولى تنتظر "
    "أمامه منذ الفجر. ولم يتوقع أحد أن يأتي هذا العدد من الناس، كما قالت المرأة التي تحتفظ بالمفاتيح، لكن "
    "الأطفال كانوا يسألون منذ أسابيع متى يمكنهم أن يروا المصباح الجديد فوق المنارة القديمة.",
    "fa": "دفتر بندر پس از زمستانی پر از تعمیر امروز صبح دوباره درهای خود را باز کرد و نخستین قایق‌ها از پیش "
    "منتظر بودند. زنی که کلیدها را نگه می‌دارد گفت هیچ‌کس گمان نمی‌کرد این همه آدم بیاید، اما کودکان "
    "هفته‌ها بود که می‌پرسیدند چه وقت می‌توانند چراغ تازه را ببینند.",
    "uk": "Портова контора знову відчинила двері сьогодні вранці після зими ремонтів, і перші човни вже чекали. "
    "Ніхто не сподівався, що прийде так багато людей, сказала жінка, яка береже ключі, але діти "
    "вже кілька тижнів питали, коли вони зможуть побачити новий ліхтар на старому маяку.",
}


@pytest.mark.parametrize("code", LONG)
@pytest.mark.parametrize("declared", ["", "en", "de-DE", "ar", "ru", "x", *LONG])
def test_a_long_text_is_known_by_its_words(code: str, declared: str) -> None:
    assert detect(LONG[code], declared) == code


def test_persian_typed_with_arabic_letters_is_persian() -> None:
    typed = LONG["fa"].translate(str.maketrans("یک", "يك"))
    assert detect(typed, "ar") == "fa"


def test_what_no_profile_tells_is_what_the_page_declares() -> None:
    listed = "XR-200 ZT-310 QW-500 " * 40
    assert detect(listed, "en") == "en"

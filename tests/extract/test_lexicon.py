from __future__ import annotations

import tomllib
import unicodedata
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archiver.extract import lexicon
from archiver.extract.lexicon import KINDS, fold, inside, matches, opens

OPTIONAL = {"byline_ends", "notices"}  # what a language may lack
FURNITURE = ("related", "comments", "lines")  # the kinds that cost an article a line
FILES = {
    file.name.removesuffix(".toml"): tomllib.loads(file.read_text("utf-8"))
    for file in files(lexicon).iterdir()
    if file.name.endswith(".toml")
}
PLAIN = sorted(
    {
        (entry, kind)
        for kinds in FILES.values()
        for kind in FURNITURE
        for entry in kinds[kind]
        if not set("{*#") & set(entry)
    }
)

# Lines that are a phrase as a whole; lines that open with one; lines with one somewhere in them.
MATCHES = {
    "ar": [
        ("related", "اقرأ أيضًا"), ("comments", "لا توجد تعليقات"), ("lines", "شارك الخبر"),
        ("published", "تاريخ النشر"), ("missing", "الصفحة غير موجودة"), ("gallery", "بالصور"),
    ],
    "fa": [
        ("related", "مطالب مرتبط"), ("related", "بیشتر بخوانید"), ("comments", "نظرات"),
        ("lines", "اشتراک‌گذاری"), ("gallery", "گزارش تصویری"), ("video", "فیلم"),
    ],
    "he": [
        ("related", "כתבות נוספות"), ("comments", "12 תגובות"), ("lines", "לפני 3 שעות"),
        ("modified", "עודכן לאחרונה"), ("missing", "העמוד לא נמצא"), ("live", "שידור חי"),
    ],
    "ur": [
        ("related", "یہ بھی پڑھیں"), ("comments", "اپنی رائے دیں"), ("lines", "شیئر کریں"),
        ("published", "تاریخ اشاعت"), ("staff", "ویب ڈیسک"), ("missing", "صفحہ نہیں ملا"),
    ],
    "tr": [
        ("related", "İLGİLİ HABERLER"), ("comments", "Yorum Yap"), ("lines", "Haberin devamı"),
        ("published", "Yayınlanma tarihi"), ("missing", "Sayfa bulunamadı"), ("live", "Canlı"),
    ],
    "en": [
        ("related", "More on this story"), ("comments", "Leave a comment"), ("lines", "Share this"),
        ("modified", "Last updated"), ("missing", "404 - Page not found"), ("live", "Live blog"),
    ],
    "fr": [
        ("related", "À lire aussi"), ("related", "Lire aussi"), ("comments", "Commentaires"),
        ("lines", "Partager"), ("published", "Publié le"), ("missing", "Page non trouvée"),
    ],
    "de": [
        ("related", "Mehr zum Thema"), ("comments", "Kommentare"), ("lines", "Teilen"),
        ("published", "Veröffentlicht am"), ("missing", "Seite nicht gefunden"), ("live", "Liveticker"),
    ],
    "es": [
        ("related", "Noticias relacionadas"), ("comments", "Comentarios"), ("lines", "Compartir"),
        ("published", "Publicado el"), ("missing", "Página no encontrada"), ("live", "En directo"),
    ],
    "ru": [
        ("related", "Читайте также"), ("comments", "Комментарии"), ("lines", "Поделиться"),
        ("published", "Опубликовано"), ("missing", "Страница не найдена"), ("video", "Видео"),
    ],
    "uk": [
        ("related", "Читайте також"), ("comments", "Коментарі"), ("lines", "Поділитися"),
        ("published", "Опубліковано"), ("missing", "Сторінку не знайдено"), ("gallery", "Фоторепортаж"),
    ],
    "pl": [
        ("related", "Czytaj także"), ("comments", "Komentarze"), ("lines", "Udostępnij"),
        ("modified", "Aktualizacja"), ("missing", "Nie znaleziono strony"), ("live", "Na żywo"),
    ],
    "el": [
        ("related", "ΔΙΑΒΑΣΤΕ ΕΠΙΣΗΣ"), ("comments", "Σχόλια"), ("lines", "Κοινοποίηση"),
        ("published", "Δημοσιεύτηκε"), ("missing", "Η σελίδα δεν βρέθηκε"), ("live", "Ζωντανά"),
    ],
    "zh": [
        ("related", "延伸阅读"), ("related", "下一篇"), ("comments", "发表回复"),
        ("lines", "分享到"), ("published", "发布时间"), ("missing", "页面不存在"),
    ],
    "ja": [
        ("related", "関連記事"), ("comments", "コメント"), ("lines", "シェア"),
        ("published", "公開日"), ("missing", "ページが見つかりません"), ("video", "動画"),
    ],
    "ko": [
        ("related", "관련기사"), ("comments", "댓글"), ("lines", "공유하기"),
        ("published", "입력"), ("modified", "수정"), ("missing", "페이지를 찾을 수 없습니다"),
    ],
    "hi": [
        ("related", "यह भी पढ़ें"), ("comments", "टिप्पणी करें"), ("lines", "2 घंटे पहले"),
        ("modified", "अंतिम अपडेट"), ("staff", "न्यूज़ डेस्क"), ("missing", "पेज नहीं मिला"),
    ],
    "id": [
        ("related", "Baca juga"), ("comments", "Tinggalkan Balasan"), ("lines", "3 jam yang lalu"),
        ("published", "Diterbitkan pada"), ("missing", "Halaman tidak ditemukan"), ("gallery", "Galeri Foto"),
    ],
    "it": [
        ("related", "Leggi anche"), ("comments", "Commenti"), ("lines", "Condividi"),
        ("published", "Pubblicato il"), ("missing", "Pagina non trovata"), ("live", "Diretta"),
    ],
    "pt": [
        ("related", "Leia também"), ("comments", "Comentários"), ("lines", "Compartilhar"),
        ("published", "Publicado em"), ("missing", "Página não encontrada"), ("live", "Ao vivo"),
    ],
}  # fmt: skip
OPENS = {
    "ar": [("openings", "اقرأ أيضًا: افتتاح الجسر"), ("bylines", "بقلم سليم الحاج"), ("credits", "تصوير: سليم الحاج")],
    "fa": [("openings", "بیشتر بخوانید: پل تازه"), ("openings", "منبع: ایسنا"), ("credits", "عکس: رضا کریمی")],
    "he": [("openings", "קראו גם: הגשר נפתח"), ("bylines", "מאת רונית כהן"), ("credits", "צילום: דן לוי")],
    "ur": [("openings", "یہ بھی پڑھیں: پل کھل گیا"), ("bylines", "تحریر: علی خان"), ("modified", "آخری اپ ڈیٹ: ۵ مئی")],
    "tr": [("openings", "Etiketler: köprü, nehir"), ("bylines", "Yazan: Ali Demir"), ("credits", "Foto: Ali Demir")],
    "en": [("openings", "Read also: The bridge opens"), ("bylines", "By Ann Lee"), ("credits", "Photo: A. Lee")],
    "fr": [("openings", "Lire aussi : Le pont ouvre"), ("bylines", "Par Anne Petit"), ("credits", "Photo : A. Petit")],
    "de": [("openings", "Lesen Sie auch: Die Brücke"), ("bylines", "Von Anna Klein"), ("credits", "Foto: A. Klein")],
    "es": [("openings", "Lea también: El puente abre"), ("bylines", "Por Ana Ruiz"), ("credits", "Foto: A. Ruiz")],
    "ru": [("openings", "Читайте также: Мост открыт"), ("openings", "Источник: ТАСС"), ("credits", "Фото: А. Белов")],
    "uk": [("openings", "Читайте також: Міст відкрито"), ("openings", "Джерело: УНІАН"), ("credits", "Фото: О. Білик")],
    "pl": [("openings", "Czytaj także: Most otwarty"), ("openings", "Źródło: PAP"), ("credits", "Fot. A. Nowak")],
    "el": [("openings", "Διαβάστε επίσης: Η γέφυρα"), ("openings", "Πηγή: ΑΠΕ"), ("credits", "Φωτογραφία: Α. Νίκου")],
    "zh": [("openings", "来源:新华社"), ("openings", "责任编辑:王明"), ("bylines", "作者:王明")],
    "ja": [("openings", "関連記事:橋が開通"), ("openings", "出典:気象庁"), ("modified", "最終更新:5月3日")],
    "ko": [("openings", "관련기사: 다리 개통"), ("published", "입력: 5월 3일 오전"), ("modified", "수정: 5월 3일")],
    "hi": [("openings", "यह भी पढ़ें: पुल खुला"), ("bylines", "लेखक: रवि वर्मा"), ("credits", "फोटो: रवि वर्मा")],
    "id": [("openings", "Baca juga: Jembatan dibuka"), ("bylines", "Oleh Budi Santoso"), ("credits", "Foto: Budi")],
    "it": [("openings", "Leggi anche: Il ponte apre"), ("bylines", "di Anna Rossi"), ("credits", "Foto: A. Rossi")],
    "pt": [("openings", "Leia também: A ponte abre"), ("bylines", "Por Ana Silva"), ("credits", "Foto: A. Silva")],
}  # fmt: skip
INSIDE = {
    "ar": [
        ("script", "عذرا، يرجى تفعيل جافا سكريبت في متصفحك للمتابعة"),
        ("paywall", "هذا المقال متاح للمشتركين وحدهم"),
        ("consent", "نحن نقدر خصوصيتك ونستخدم ملفات"),
    ],
    "fa": [
        ("script", "برای ادامه لطفا جاوااسکریپت را فعال کنید تا صفحه باز شود"),
        ("paywall", "این مطلب ویژه مشترکان است"),
        ("consent", "این سایت از کوکی استفاده می‌کند تا بهتر کار کند"),
    ],
    "he": [
        ("script", "שלום, אנא הפעל JavaScript כדי להמשיך"),
        ("paywall", "הכתבה המלאה היא תוכן למנויים בלבד באתר"),
        ("consent", "כאן האתר משתמש בעוגיות כדי לזכור"),
    ],
    "ur": [
        ("script", "ویڈیو کے لیے براہ کرم جاوا سکرپٹ آن کریں اور دوبارہ دیکھیں"),
        ("paywall", "اب پڑھنا جاری رکھنے کے لیے سبسکرائب کریں اور ساتھ رہیں"),
        ("consent", "جناب یہ ویب سائٹ کوکیز استعمال کرتی ہے تاکہ"),
    ],
    "tr": [
        ("script", "Devam etmek için lütfen JavaScript'i etkinleştirin ve yenileyin"),
        ("paywall", "Merhaba, okumaya devam etmek için abone olun ya da bekleyin"),
        ("consent", "Hizmet için sitemizde çerezler kullanılmaktadır ve saklanır"),
    ],
    "en": [
        ("script", "To go on, please enable JavaScript in your browser"),
        ("paywall", "Dear reader, subscribe to continue reading our work"),
        ("consent", "On these pages we use cookies to remember you"),
    ],
    "fr": [
        ("script", "Merci de bien vouloir activer JavaScript pour lire"),
        ("paywall", "La suite de cet article est réservé aux abonnés du journal"),
        ("consent", "Ici nous utilisons des cookies pour mesurer"),
    ],
    "de": [
        ("script", "Um fortzufahren, bitte aktivieren Sie JavaScript im Browser"),
        ("paywall", "Hier können Sie jetzt weiterlesen mit Plus und mehr"),
        ("consent", "Hinweis: Diese Website verwendet Cookies für Sie"),
    ],
    "es": [
        ("script", "Para seguir, por favor active JavaScript en su navegador"),
        ("paywall", "Este es un contenido exclusivo para suscriptores del diario"),
        ("consent", "En la página utilizamos cookies para medir"),
    ],
    "ru": [
        ("script", "Чтобы продолжить, включите JavaScript в браузере"),
        ("paywall", "Этот материал доступен только подписчикам издания"),
        ("consent", "Наш сайт использует файлы cookie для работы"),
    ],
    "uk": [
        ("script", "Щоб продовжити, увімкніть JavaScript у браузері"),
        ("paywall", "Цей матеріал доступний лише передплатникам видання"),
        ("consent", "Наш сайт використовує файли cookie для роботи"),
    ],
    "pl": [
        ("script", "Uwaga: włącz JavaScript w przeglądarce"),
        ("paywall", "Ten artykuł jest dostępny tylko dla prenumeratorów gazety"),
        ("consent", "Ta strona używa plików cookie do pomiaru"),
    ],
    "el": [
        ("script", "Για να συνεχίσετε, ενεργοποιήστε τη JavaScript εδώ"),
        ("paywall", "Το άρθρο είναι μόνο για συνδρομητές της εφημερίδας"),
        ("consent", "Εδώ χρησιμοποιούμε cookies για μέτρηση"),
    ],
    "zh": [
        ("script", "浏览本页 请启用JavaScript 后重试"),
        ("paywall", "您好 订阅后继续阅读 谢谢"),
        ("consent", "您好 我们使用cookie 谢谢"),
    ],
    "ja": [
        ("script", "動画: JavaScriptを有効にしてください。再読込"),
        ("paywall", "全文: この記事は有料会員限定です。登録"),
        ("consent", "お知らせ: すべて同意する。設定"),
    ],
    "ko": [
        ("script", "계속하려면 자바스크립트를 활성화해 주세요 다시"),
        ("paywall", "이 기사는 유료회원 전용 기사입니다 로그인"),
        ("consent", "안내: 이 사이트는 쿠키를 사용합니다. 확인"),
    ],
    "hi": [
        ("script", "आगे बढ़ने हेतु कृपया जावास्क्रिप्ट सक्षम करें और देखें"),
        ("paywall", "नमस्ते, पढ़ना जारी रखने के लिए सब्सक्राइब करें और जुड़ें"),
        ("consent", "सूचना: यह वेबसाइट कुकीज़ का उपयोग करती है ताकि"),
    ],
    "id": [
        ("script", "Agar bisa lanjut, mohon aktifkan JavaScript di browser Anda"),
        ("paywall", "Halo, silakan berlangganan untuk melanjutkan membaca berita"),
        ("consent", "Di sini situs ini menggunakan cookie agar lancar"),
    ],
    "it": [
        ("script", "Per continuare, attiva JavaScript nel browser"),
        ("paywall", "Questo è un contenuto riservato agli abbonati del giornale"),
        ("consent", "In queste pagine utilizziamo i cookie per misurare"),
    ],
    "pt": [
        ("script", "Para continuar, ative o JavaScript no navegador"),
        ("paywall", "Este é um conteúdo exclusivo para assinantes do jornal"),
        ("consent", "Nesta página utilizamos cookies para medir"),
    ],
}  # fmt: skip

# What articles say: subheadings, paragraphs of one word, sentences that hold a phrase.
PROSE = [
    "Background", "Analysis", "The response", "Conclusion", "What happened next", "Why it matters",
    "Share of the market rose.", "More and more boats come in", "Comments by the mayor drew anger",
    "Thoughts on the war", "Reactions", "Reply to the critics", "Elsewhere on the island",
    "Follow the money",
    "Latest developments", "The next day", "Yes.", "Video evidence",
    "خلفية", "الخلاصة", "ردود الفعل", "ماذا حدث بعد ذلك", "الردود", "رد على الاتهامات",
    "شارك في السباق عشرون عداء", "لماذا الآن؟",
    "پیشینه", "نتیجه‌گیری", "واکنش‌ها", "پاسخ به منتقدان", "چرا مهم است؟", "نظر شورا هنوز روشن نیست",
    "רקע", "התגובה", "תגובה", "מה קרה אחר כך", "עוד סירות נכנסו לנמל", "סיכום",
    "پس منظر", "ردعمل", "مناظر", "آگے کیا ہوگا؟", "مزید کشتیاں بندرگاہ میں آئیں",
    "Arka plan", "Sonuç", "Giriş", "Tepkiler", "Yanıt", "Daha fazla tekne limana geldi", "Ne olmuştu?",
    "Contexte", "Réactions", "Répondre à la crise", "Conclusion et suite",
    "Le partage des eaux", "Pourquoi maintenant ?", "Quelle suite pour le pont ?",
    "Hintergrund", "Fazit", "Reaktionen", "Stimmen", "Antworten auf die Krise", "Die Folgen",
    "Mehr Boote kommen in den Hafen", "Was nun?", "Bild der Verwüstung",
    "Antecedentes", "Respuestas", "Reacciones", "El contexto", "Compartir el agua es difícil", "¿Por qué ahora?",
    "Предыстория", "Итоги", "Реакция властей", "Поделиться водой они не захотели", "Что дальше?",
    "Передісторія", "Наслідки", "Реакції", "Поділитися водою вони не схотіли", "Що далі?",
    "Tło sprawy", "Skutki", "Odpowiedzi", "Więcej łodzi wpływa do portu", "Co dalej?",
    "Το παρασκήνιο", "Απαντήσεις", "Περισσότερες βάρκες ήρθαν", "Τι ακολουθεί",
    "背景", "结论", "更多的船进港了。", "为什么重要", "経緯", "今後の見通し", "船が港に入った。",
    "배경", "결론", "더 많은 배가 들어왔다.", "पृष्ठभूमि", "निष्कर्ष", "और नावें बंदरगाह में आईं", "आगे क्या?",
    "Latar belakang", "Kesimpulan", "Bantuan", "Tanggapan", "Lebih banyak perahu masuk", "Apa lagi?",
    "Il contesto", "Reazioni", "Più barche entrano in porto", "E adesso?",
    "Contexto", "Respostas", "Reações", "Mais barcos entram no porto", "E agora?",
]  # fmt: skip


def says(entry: str) -> bool:
    """Tell whether words are left of an entry once it is folded."""
    return any(each.strip(" *") for each in lexicon._expanded(lexicon._folded(entry)))


def examples(table: dict[str, list[tuple[str, str]]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        ("kind", "line"),
        [
            pytest.param(*each, id=f"{language}-{each[0]}-{n}")
            for language, lines in table.items()
            for n, each in enumerate(lines)
        ],
    )


@pytest.mark.parametrize("language", sorted(FILES))
def test_every_file_has_every_kind(language: str) -> None:
    assert set(KINDS) - OPTIONAL <= set(FILES[language]) <= set(KINDS)
    assert all(FILES[language].values())


@pytest.mark.parametrize("language", sorted(FILES))
def test_no_entry_folds_to_nothing(language: str) -> None:
    entries = [entry for kind in FILES[language].values() for entry in kind]
    assert [entry for entry in entries if not says(entry)] == []


@pytest.mark.parametrize("language", sorted(FILES))
def test_every_language_has_its_examples(language: str) -> None:
    for table in (MATCHES, OPENS, INSIDE):
        assert len(table[language]) >= 3


@examples(MATCHES)
def test_a_whole_line_matches(kind: str, line: str) -> None:
    assert matches(line, kind)


@examples(OPENS)
def test_a_phrase_opens_a_line(kind: str, line: str) -> None:
    assert line.startswith(opens(line, kind) or "-")
    assert not matches(line, kind)


@examples(INSIDE)
def test_a_phrase_stands_inside_a_line(kind: str, line: str) -> None:
    assert inside(line, kind)
    assert not matches(line, kind)


@pytest.mark.parametrize("line", PROSE)
def test_an_article_s_own_words_match_nothing(line: str) -> None:
    assert [kind for kind in FURNITURE if matches(line, kind)] == []


@given(st.sampled_from(PLAIN))
def test_a_phrase_inside_a_sentence_is_no_line(phrase: tuple[str, str]) -> None:
    words, kind = phrase
    assert matches(words, kind)
    assert not matches(f"When the council met on Monday {words} was all that the mayor said", kind)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold(unicodedata.normalize("NFKC", text))
    assert fold(once) == once


@given(st.text(st.characters(categories=["Nd"]), min_size=1))
def test_digits_of_any_script_fold_away(number: str) -> None:
    assert fold(number) == ""
    assert fold(f"{number} comments") == "comments"
    assert fold(f"نص {number}") == fold("نص")


@given(st.text("\u064b\u064c\u064d\u064e\u064f\u0650\u0651\u0652\u0670ـ\u200c\u200d\u200e\u200f"))
def test_harakat_tatweel_and_joiners_fold_away(marks: str) -> None:
    assert fold(f"الم{marks}زيد") == fold("المزيد")
    assert fold(f"می{marks}خوانید") == fold("میخوانید")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Read  More:", "read more"), ("À LIRE AUSSI", "a lire aussi"), ("İLGİLİ", "ilgili"),
        ("إقرأ أيضاً", "اقرا ايضا"), ("آخر", "اخر"), ("مكتبة", "مكتبه"), ("على", "علي"),
        ("بیشتر بخوانید", "بيشتر بخوانيد"), ("ک ہ ے", "ك ه ي"), ("שִׁתּוּף", "שתוף"),
        ("ΔΙΑΒΑΣΤΕ ΕΠΙΣΗΣ", "Διαβάστε επίσης"), ("Ёлка", "елка"), ("ニュース", "ニュース"),
    ],
)  # fmt: skip
def test_spellings_of_one_line_fold_together(one: str, other: str) -> None:
    assert fold(one) == fold(other) != ""


def test_vowel_signs_make_words() -> None:
    assert fold("की") != fold("का")
    assert fold("और पढ़ें") == fold("और  पढ़ें।")

"""The words around the stories, in the newspaper's three languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """Everything that a page says besides its story."""

    language: str  # its code
    direction: str
    name: str  # of the language, in the language
    paper: str
    tagline: str
    home: str
    sections: dict[str, str]
    story: str  # the last crumb of a story's breadcrumb
    byline: str
    share: str
    networks: tuple[str, ...]
    print: str
    contact: str
    follow: str
    photo: str  # caption of a picture that has none of its own
    credit: str
    tags: str
    places: tuple[str, ...]  # tags that any story carries
    related: str
    read_also: str
    more: str
    add_comment: str
    fields: tuple[str, str, str]  # name, e-mail, text
    send: str
    comments: str
    readers: tuple[tuple[str, str], ...]  # who wrote a comment, and what
    most_read: str
    previous_page: str
    next_page: str
    drafts: str
    back: str
    missing: tuple[str, str]  # heading and sentence of the 404 page
    gone: tuple[str, str]  # of the 410 page
    refused: tuple[str, str]  # of the 405 page
    moved: tuple[str, str]  # of a redirect
    rights: str


WORDINGS = {
    "ar": Wording(
        language="ar",
        direction="rtl",
        name="العربية",
        paper="بريد المرسى",
        tagline="صحيفة المدينة والميناء",
        home="الرئيسية",
        sections={
            "local": "محليات",
            "economy": "اقتصاد",
            "culture": "ثقافة",
            "sport": "رياضة",
            "science": "علوم",
        },
        story="news-details",
        byline="بقلم:",
        share="شارك:",
        networks=("نورس", "موجة", "صارية"),
        print="طباعة",
        contact="راسلنا",
        follow="تابعنا",
        photo="مشهد من الميناء",
        credit="تصوير: أرشيف بريد المرسى",
        tags="وسوم:",
        places=("المرسى", "أخبار اليوم"),
        related="أخبار ذات صلة",
        read_also="اقرأ أيضا:",
        more="المزيد..",
        add_comment="إضافة تعقيب",
        fields=("الاسم", "البريد الإلكتروني", "نص التعقيب"),
        send="إرسال",
        comments="تعقيبات القراء",
        readers=(
            ("أبو سليم", "شكرا على الخبر، كنا ننتظر التفاصيل منذ أيام."),
            ("هناء", "هل من موعد محدد؟ نرجو نشره حين يعلن."),
            ("قارئ من الحي القديم", "كلام جميل، والعبرة بالتنفيذ."),
            ("نادر", "نتمنى صورا أكثر في المرة القادمة."),
        ),
        most_read="الأكثر قراءة",
        previous_page="الصفحة السابقة",
        next_page="الصفحة التالية",
        drafts="مسودات هيئة التحرير",
        back="العودة إلى الصفحة الرئيسية",
        missing=("الصفحة غير موجودة", "لا توجد صفحة على هذا العنوان."),
        gone=("سُحب هذا الخبر", "لم يعد هذا الخبر منشورا على موقعنا."),
        refused=("طلب غير مقبول", "هذا الموقع للقراءة فقط."),
        moved=("انتقلت الصفحة", "تجدون الصفحة على عنوان آخر."),
        rights="جميع الحقوق محفوظة لصحيفة بريد المرسى",
    ),
    "en": Wording(
        language="en",
        direction="ltr",
        name="English",
        paper="The Anchorage Post",
        tagline="News of the town and its harbour",
        home="Home",
        sections={
            "local": "Local",
            "economy": "Economy",
            "culture": "Culture",
            "sport": "Sport",
            "science": "Science",
        },
        story="Story",
        byline="By",
        share="Share:",
        networks=("Gull", "Wave", "Mast"),
        print="Print",
        contact="Write to us",
        follow="Follow us",
        photo="A view of the harbour",
        credit="Photo: Anchorage Post archive",
        tags="Tags:",
        places=("The harbour", "Today"),
        related="Related news",
        read_also="Read also:",
        more="More..",
        add_comment="Add comment",
        fields=("Name", "E-mail", "Your comment"),
        send="Send",
        comments="Readers' comments",
        readers=(
            ("Marian T.", "Thank you for following this up, it was about time."),
            ("Old Pilot", "I shall believe it when I see it from my window."),
            ("J. from the upper town", "Could you print the opening hours too?"),
            ("Sam", "More pictures next time, please."),
        ),
        most_read="Most read",
        previous_page="Previous page",
        next_page="Next page",
        drafts="Drafts of the newsroom",
        back="Back to the home page",
        missing=("Page not found", "There is no page at this address."),
        gone=("This story was withdrawn", "It is no longer published on our site."),
        refused=("Request refused", "This site is for reading only."),
        moved=("This page has moved", "You will find it at another address."),
        rights="All rights reserved, The Anchorage Post",
    ),
    "fa": Wording(
        language="fa",
        direction="rtl",
        name="فارسی",
        paper="پیک لنگرگاه",
        tagline="روزنامهٔ شهر و بندر",
        home="خانه",
        sections={
            "local": "شهر",
            "economy": "اقتصاد",
            "culture": "فرهنگ",
            "sport": "ورزش",
            "science": "دانش",
        },
        story="خبر",
        byline="نویسنده:",
        share="هم‌رسانی:",
        networks=("مرغ دریایی", "موج", "دکل"),
        print="چاپ",
        contact="تماس با ما",
        follow="ما را دنبال کنید",
        photo="نمایی از بندر",
        credit="عکس: بایگانی پیک لنگرگاه",
        tags="برچسب‌ها:",
        places=("لنگرگاه", "خبر روز"),
        related="اخبار مرتبط",
        read_also="بیشتر بخوانید:",
        more="بیشتر..",
        add_comment="افزودن دیدگاه",
        fields=("نام", "رایانامه", "متن دیدگاه"),
        send="فرستادن",
        comments="دیدگاه خوانندگان",
        readers=(
            ("مینا", "سپاس از پیگیری شما، منتظر ادامهٔ خبر می‌مانیم."),
            ("یک همشهری", "امیدوارم این بار به قول خود عمل کنند."),
            ("بهروز", "کاش عکس‌های بیشتری می‌گذاشتید."),
            ("ناخدا", "از پنجرهٔ خانهٔ ما همه چیز پیداست."),
        ),
        most_read="پربازدیدترین‌ها",
        previous_page="صفحهٔ پیش",
        next_page="صفحهٔ بعد",
        drafts="پیش‌نویس‌های تحریریه",
        back="بازگشت به خانه",
        missing=("صفحه پیدا نشد", "در این نشانی صفحه‌ای نیست."),
        gone=("این خبر برداشته شد", "این خبر دیگر در پایگاه ما منتشر نمی‌شود."),
        refused=("درخواست پذیرفته نشد", "این پایگاه تنها برای خواندن است."),
        moved=("صفحه جابه‌جا شده است", "صفحه را در نشانی دیگری می‌یابید."),
        rights="همهٔ حقوق برای پیک لنگرگاه محفوظ است",
    ),
}

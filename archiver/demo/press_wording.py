"""What the five papers of the press say beyond the shipped stories: titles, corrections, notices."""

from __future__ import annotations

from dataclasses import dataclass

TITLES = {
    "ar": (
        "أسبوع حافل بين الرصيف والسوق",
        "ما تغير في أحياء المدينة منذ الشتاء",
        "أرقام من دفاتر الميناء والتعاونيات",
        "وجوه من المدينة تروي ما جرى",
        "قرى الساحل تنتظر موسما أفضل",
        "مشاريع صغيرة تكبر على مهل",
        "حكايات من شارع الحبال وما حوله",
        "البحر والناس في خمسة مشاهد",
        "مجلس المدينة يراجع حصيلة الموسم",
        "بين الجبل والشاطئ طرق جديدة",
        "أصوات من المقاعد الأخيرة",
        "متطوعون يسدون ما تركته الميزانية",
        "ما الذي بقي من وعود الخريف",
        "صباح طويل عند بوابة الميناء",
        "مواعيد وأسعار تهم الأسر هذا الشهر",
        "كيف تقضي المدينة أمسياتها الباردة",
        "خبرة الكبار في أيدي الصغار",
        "حصاد النوادي والجمعيات",
        "دفتر المراسل: من السوق إلى المختبر",
        "المدينة تعد كراسيها وقواربها",
        "ثلاث مبادرات تستحق المتابعة",
        "أخبار قصيرة من الضفتين",
        "حين يلتقي الباحثون والصيادون",
        "ورش وملاعب ومكتبات في جولة واحدة",
        "سكان الأطراف يطلبون حافلة وطبيبا",
        "موسم الريح يبدل خطط الجميع",
        "من يدفع ومن يستفيد: قراءة في الأرقام",
        "أيام لا تنسى في حياة حي قديم",
        "عيون على الماء وأخرى على السماء",
        "تجارب ناجحة تبحث عن تمويل",
        "عطلة قصيرة وأعمال كثيرة",
        "التجار يفتحون أبوابهم قبل الفجر",
        "ليلة في المدرجات ونهار في البستان",
        "ما قاله المهندسون وما رآه الجيران",
        "خريطة جديدة لخدمات الناحية",
        "ذاكرة المكان في صور وأدوات",
        "الطلاب يقودون حملة غير مألوفة",
        "الإنارة والمياه والطريق: أين وصلنا",
        "سفن وشاحنات وعربات خشبية",
        "يوم في رفقة فرق الطوارئ",
        "مهن تعود إلى الواجهة",
        "حوار هادئ عن مستقبل الشاطئ",
        "اتفاق يطوي خلافا بين الجيران",
        "رسائل القراء تصل إلى المسؤولين",
        "قبل الصيف: قائمة بما لم ينجز",
        "رحلة قصيرة إلى القرى المعلقة",
        "صناديق التوفير تغير وجه السوق",
        "مسابقات الربيع تملأ الساحات",
        "علماء الناحية يفتحون مختبراتهم",
        "بيوت قديمة بأدوار جديدة",
        "نهاية أسبوع على إيقاع الطبول",
    ),
    "en": (
        "Around the harbour in a week of wind",
        "What the upper town talked about",
        "Small sums that changed a street",
        "Notes from the quay and the council chamber",
        "Who pays, who gains, and who waits",
        "A reporter's day between tram and tide",
        "Clubs and societies count their year",
        "Old trades find new hands",
        "Letters, numbers and a few complaints",
        "Promises of the autumn, looked at again",
        "From the laboratory to the fish market",
        "Four evenings worth leaving the house for",
    ),
    "fa": (),
}

ADDED = {
    "ar": (
        "وفي وقت لاحق قال متحدث باسم البلدية إن عدد المستفيدين ارتفع إلى {n} شخصا، وإن القوائم"
        " ستبقى مفتوحة حتى نهاية الأسبوع.",
        "وبعد نشر الخبر أوضحت الإدارة أن الاجتماع التالي سيعقد خلال {n} يوما، وأن محضره سيعلق على"
        " باب المبنى لمن يريد الاطلاع عليه.",
        "وذكر شهود تحدثوا إلى الصحيفة مساء أن نحو {n} من الأهالي تجمعوا أمام المكان، ثم انصرفوا"
        " بهدوء بعد أن سمعوا الجواب.",
        "وفي تصحيح وصل إلى هيئة التحرير قالت اللجنة إن الكلفة النهائية تزيد على التقدير الأول"
        " بنسبة {n} في المئة بسبب أسعار النقل.",
        "وردت غرفة التجارة ببيان قصير جاء فيه أنها تدرس الأمر مع {n} من أعضائها وستعلن موقفها بعد"
        " العطلة.",
        "وأضاف مصدر مطلع أن العمل توقف {n} ساعة بسبب عطل في المولد، ثم استؤنف بعد وصول قطعة بديلة"
        " من المدينة المجاورة.",
        "ودعا أهالي الحي إلى لقاء مفتوح يحضره {n} مندوبا، على أن تسجل الأسئلة مسبقا عند أمينة"
        " المكتبة.",
        "وكشفت مراجعة للدفاتر أن {n} طلبا لم يبت فيها بعد، ووعد رئيس القسم بأن يتصل بأصحابها واحدا"
        " واحدا قبل آخر الشهر.",
        "وتلقت الصحيفة {n} رسالة من القراء في الساعات الأولى، يسأل معظمها عن الموعد وعن الطريق"
        " الذي ستسلكه الحافلات.",
        "وقال خبير مستقل اطلع على الوثائق إن النتائج مشجعة لكنها تحتاج إلى {n} أسبوعا أخرى من"
        " القياس قبل أن يبنى عليها قرار.",
    ),
    "en": (
        "A spokeswoman said later that {n} more households had been added to the list, and that it"
        " would stay open until the end of the week.",
        "After this report appeared, the committee said that the final bill would be {n} per cent"
        " above its first estimate, which it put down to the price of freight.",
        "Some {n} residents gathered outside in the evening and went home quietly once they had"
        " been given an answer.",
        "The chamber of commerce replied with a short statement: it was consulting {n} of its"
        " members and would say more after the holiday.",
        "Work had stopped for {n} hours because of a fault in the generator, an engineer added, and"
        " went on when a spare part came from the next town.",
        "An independent expert who read the papers called the results promising, and asked for {n}"
        " more weeks of measurements before anybody decides.",
    ),
    "fa": (
        "سخنگوی شهرداری ساعاتی بعد گفت {n} خانوار دیگر به فهرست افزوده شده‌اند و نام‌نویسی تا پایان"
        " هفته ادامه دارد.",
        "پس از انتشار این خبر، کمیته اعلام کرد هزینهٔ نهایی {n} درصد بیش از برآورد نخست است و علت آن"
        " را گرانی باربری دانست.",
        "نزدیک به {n} تن از اهالی عصر در برابر ساختمان گرد آمدند و پس از شنیدن پاسخ به آرامی پراکنده"
        " شدند.",
        "یک مهندس افزود کار به سبب خرابی مولد {n} ساعت متوقف بود و با رسیدن قطعهٔ یدکی از سر گرفته"
        " شد.",
        "کارشناسی که اسناد را دیده است نتایج را امیدبخش خواند و گفت پیش از هر تصمیمی {n} هفتهٔ دیگر"
        " اندازه‌گیری لازم است.",
        "در ساعات نخست {n} نامه از خوانندگان به روزنامه رسید که بیشترشان از زمان آغاز کار"
        " می‌پرسیدند.",
    ),
}

HEADLINES = {
    "ar": (
        "{title}.. والبلدية توضح",
        "ماذا نعرف حتى الآن؟ {title}",
        "{title} وسط أسئلة الأهالي",
        "بعد مراجعة الأرقام: {title}",
    ),
    "en": ("{title}, and the council explains", "What we know so far: {title}"),
    "fa": ("{title}؛ توضیح شهرداری", "تا کنون چه می‌دانیم؟ {title}"),
}


@dataclass(frozen=True, slots=True)
class Notices:
    """The pages and lines that are no part of a story, in one language."""

    bulletin: str  # the title of a bulletin, for a date in words
    comma: str
    ticking: str  # how long ago, and views
    consent: tuple[str, str]  # heading and text of the page before the page
    choices: tuple[str, str]
    subscribe: str  # after the first paragraph
    no_script: str


NOTICES = {
    "ar": Notices(
        bulletin="نشرة الميناء ليوم {date}",
        comma="،",
        ticking="آخر تحديث: قبل {ago} · المشاهدات: {views}",
        consent=(
            "خصوصيتك تهمنا",
            "نستخدم نحن وشركاؤنا ملفات تعريف الارتباط لحفظ تفضيلاتك وقياس الزيارات. اختر ما تسمح به"
            " كي تتابع إلى الصفحة المطلوبة.",
        ),
        choices=("موافق على الكل", "إدارة الخيارات"),
        subscribe="هذا المحتوى للمشتركين. اشترك الآن لمتابعة القراءة.",
        no_script="يرجى تفعيل جافاسكربت لعرض هذه الصفحة.",
    ),
    "en": Notices(
        bulletin="Harbour bulletin for {date}",
        comma=",",
        ticking="Updated {ago} ago · Views: {views}",
        consent=(
            "We value your privacy",
            "We and our partners use cookies to keep your preferences and to measure visits. Choose"
            " what you allow to go on to the page.",
        ),
        choices=("Accept all", "Manage options"),
        subscribe="This story is for subscribers. Subscribe now to read on.",
        no_script="Please enable JavaScript to see this page.",
    ),
    "fa": Notices(
        bulletin="خبرنامهٔ بندر برای {date}",
        comma="،",
        ticking="به‌روزرسانی {ago} پیش · بازدید: {views}",
        consent=(
            "حریم خصوصی شما برای ما مهم است",
            "ما و همکارانمان برای نگهداری تنظیمات و سنجش بازدیدها از کوکی استفاده می‌کنیم. برای رفتن"
            " به صفحه، آنچه را می‌پذیرید برگزینید.",
        ),
        choices=("پذیرش همه", "تنظیم گزینه‌ها"),
        subscribe="این خبر ویژهٔ مشترکان است. برای خواندن ادامه مشترک شوید.",
        no_script="برای دیدن این صفحه جاوااسکریپت را روشن کنید.",
    ),
}

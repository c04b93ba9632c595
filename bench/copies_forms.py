"""Forms that are used day by day, as of matches, weather and prices: `#` is a number, `@` a name.

Reports of one form have most of their words in common, and are no copies of each other.
"""

FORMS = {
    "ar": (
        (
            "انتهت مباراة @ و@ بنتيجة # مقابل # في الجولة # من الدوري أمام # ألف متفرج.",
            "سجل @ الهدف الأول في الدقيقة # وأضاف @ الثاني في الدقيقة #، ثم قلص @ الفارق في الدقيقة #.",
            "ويحتل @ المركز # برصيد # نقطة، ويلعب الجولة المقبلة أمام @.",
        ),
        (
            "تبلغ درجة الحرارة العظمى في @ اليوم # درجة والصغرى # درجة، والرياح # كيلومترا في الساعة.",
            "وفي @ تبلغ العظمى # درجة والصغرى # درجة، والرطوبة # بالمئة.",
            "ويتوقع أن تبلغ الأمطار # مليمترا في @ و# مليمترا في @، وارتفاع الموج # سنتيمترا.",
        ),
        (
            "أعلنت إدارة المرصد أن الأجواء تبقى مستقرة في معظم المناطق مع غيوم متفرقة على المرتفعات والسهول الداخلية.",
            "وتكون الحرارة العظمى # درجة والصغرى # درجة، وتهب رياح خفيفة إلى معتدلة السرعة تنشط أحيانا بعد الظهر.",
            "ودعت الإدارة الصيادين إلى متابعة النشرات قبل الإبحار، إذ يصل ارتفاع الموج إلى # سنتيمترا قرب الساحل.",
        ),
        (
            "بلغ سعر الدولار في مصارف @ اليوم # دينارا للشراء و# دينارا للبيع.",
            "وبلغ سعر اليورو # دينارا للشراء و# دينارا للبيع، وسعر غرام الذهب عيار 21 نحو # دينارا.",
            "وكان السعر أمس # دينارا في @ و# دينارا في @.",
        ),
    ),
    "en": (
        (
            "@ beat @ by # to # in round # of the league in front of # thousand people.",
            "@ scored first after # minutes and @ made it two after #, before @ pulled one back in minute #.",
            "@ are now in place # with # points and play @ next.",
        ),
        (
            "The highest temperature in @ today is # degrees and the lowest # degrees, with wind of # miles an hour.",
            "In @ it is # degrees at most and # at least, with humidity of # per cent.",
            "Rain of # millimetres is expected in @ and # in @.",
        ),
        (
            "The harbour office says that the weather stays settled in most places, with some cloud over the hills.",
            "It is # degrees at the most and # at the least, and a light wind may freshen in the afternoon.",
            "Fishers are asked to read the bulletins before they leave, as waves of # centimetres come near shore.",
        ),
    ),
    "fa": (
        (
            "بیشترین دمای @ امروز # درجه و کمترین آن # درجه است و باد با سرعت # کیلومتر در ساعت می‌وزد.",
            "در @ بیشترین دما # درجه و کمترین آن # درجه و رطوبت # درصد است.",
            "بارش # میلی‌متر در @ و # میلی‌متر در @ پیش‌بینی می‌شود.",
        ),
    ),
}  # fmt: skip

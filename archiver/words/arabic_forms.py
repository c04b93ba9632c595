"""Arabic forms that only the archive's own words can tell apart: letters around a word, and verbs.

A letter such as ب or ل before a word is a preposition, or the word's first letter. It is taken for a
preposition where the rest is more common than the whole, and no form of the whole has the article,
which never stands before a preposition. A last ي is "my", or the end of a plural, where no form
with it has the article; else it makes an adjective. A last ه behind a hamza is "his", or a feminine noun's, which
may have the article. The present of a verb begins with another
letter than its past, as nouns may begin too. It is taken for a verb where the archive has the present
with ي, and either the past of "she" or "they" or the present with ت; or where only verbs are written so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from archiver.words.arabic import SEATS, irregular, regular_stem, stem, without_article

_LETTERS = ("و", "ف", "ب", "ل", "ك", "س", "وب", "ول", "وس", "فل", "فب", "فس", "وك")
_PRESENT = ("ي", "ت", "ن")
_VERBAL = ("", "ت", "وا", "ون", "ا", "ها", "هم")  # endings of a verb that `stem` takes off
_RARE = 100  # times rarer than the other: a misprint, or a name


class _Known(Protocol):
    def documents(self, terms: Collection[str]) -> Mapping[str, int]: ...
    def sharing(self, stems: Collection[tuple[str, str]]) -> Mapping[str, int]: ...


def forms(term: str, known: _Known) -> dict[str, int]:
    """Return the forms of a folded word that an archive holds, and how many documents hold each."""
    own = _groups([stem(term)], known).get(stem(term), {})
    rests = [] if _have_article(own) else _without_letters(term, own, known)
    others = [other for part in (term, *rests) for other in _other_tense(part, known)]
    others += [part[:-2] for part in (term, *rests) if _is_his(part, own)]
    found = own | _merged(_groups({stem(part) for part in (*rests, *others)}, known))
    return found | _with_letters(found, {stem(part) for part in (term, *rests, *others)}, known)


def _groups(stems: Collection[str], known: _Known) -> dict[str, dict[str, int]]:
    """Return the words of each stem, and how many documents hold each."""
    groups: dict[str, dict[str, int]] = {}
    if stems:
        for form, count in known.sharing([("ar", base) for base in stems]).items():
            groups.setdefault(stem(form), {})[form] = count
    return groups


def _merged(groups: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    return {form: count for group in groups.values() for form, count in group.items()}


def _have_article(found: Mapping[str, int]) -> bool:
    """Tell whether words of one stem are used with the article."""
    with_it = sum(count for form, count in found.items() if without_article(form) != form)
    return with_it * _RARE > sum(found.values())


def _parts(whole: str) -> Iterator[str]:
    """Yield what a word may be behind prepositions and conjunctions of one letter."""
    if whole in irregular():
        return
    if whole[0] in "وف" and whole[1:] in irregular():
        yield whole[1:]
        return
    for letters in _LETTERS:
        rest = whole[len(letters) :]
        if letters.endswith("س") and not rest.startswith(_PRESENT):
            continue  # "will", only before a present
        if whole.startswith(letters) and len(rest) > 1:
            yield rest


def _is_rarer(whole: str, group: Mapping[str, int], rest: str, found: Mapping[str, int]) -> bool:
    """Tell whether a word is rarer than what may be the same without a letter before it.

    Short words are like others by chance, so they are held to the one form; long ones to all forms.
    """
    if len(rest) > 3:
        return sum(found.values()) >= sum(group.values())
    alike = (rest, f"ال{rest}") if len(rest) == 3 else (rest,)
    return max(found.get(form, 0) for form in alike) > group.get(whole, 0)


def _without_letters(term: str, own: Mapping[str, int], known: _Known) -> list[str]:
    """Return what is left of a word without the letters before it that are not its own."""
    rests = list(_parts(term))
    groups = _groups({stem(rest) for rest in rests}, known)
    return [rest for rest in rests if _is_rarer(term, own, rest, groups.get(stem(rest), {}))]


def _with_letters(found: Mapping[str, int], bases: set[str], known: _Known) -> dict[str, int]:
    """Return the forms with letters before or behind them that are not the word's own."""
    bare = [form for form in found if without_article(form) == form]
    before = {stem(letters + form) for letters in _LETTERS for form in bare}
    behind = {base + ending for base in bases for ending in ("ي", "تي")}
    his = {
        f"{letters}{form}{ending}": f"{form}{ending}"
        for form in bare
        if form.endswith("ا")
        for letters in ("", *_LETTERS)
        for ending in ("وه", "يه")
    }
    accusatives = {f"{base}ا" for base in bases if base.endswith("ن")}  # whose stem lacks the ن
    groups = _groups((before | behind | set(map(stem, [*accusatives, *his]))) - bases, known)
    return {
        form: count
        for base, group in groups.items()
        for form, count in group.items()
        if _has_double_l(form, found)
        or (base in behind and not _is_adjective(group))
        or form in accusatives
        or (form in his and _is_his(his[form], groups.get(stem(his[form]), {})))
        or _has_letters(form, group, found, bases)
    }


def _is_his(word: str, group: Mapping[str, int]) -> bool:
    """Tell whether the ه of a word is a pronoun behind a hamza: ميناؤه, and not بداية, which may have the article."""
    return len(word) > 4 and word[-3:-1] in SEATS and word[-1] == "ه" and not _have_article(group)


def _is_adjective(group: Mapping[str, int]) -> bool:
    """Tell whether words that end with ي have what only an adjective has: the article, and endings."""
    return _have_article(group) or any(
        form.endswith(("يه", "يا", "يات", "يون", "يين")) for form in group
    )


def _has_letters(
    form: str, group: Mapping[str, int], found: Mapping[str, int], bases: set[str]
) -> bool:
    if _have_article(group):
        return False
    rests = (rest for rest in _parts(form) if stem(rest) in bases)
    return any(_is_rarer(form, group, rest, found) for rest in rests)


def _has_double_l(form: str, found: Mapping[str, int]) -> bool:
    """Tell whether a word that begins with ل stands behind preposition and article: للاعب, of لاعب."""
    return form.startswith("لل") and form[1:] in found


def _other_tense(term: str, known: _Known) -> list[str]:
    """Return past and present of a verb, if the word is one of its forms."""
    base = regular_stem(term)
    if not term.startswith(base) or term[len(base) :] not in _VERBAL:
        return []
    pairs = [*_pairs_of_past(base), *_pairs_of_present(base)]
    counts = known.documents({form for pair in pairs for form in _evidence(*pair)})
    return [form for pair in pairs for form in _verb(*pair, counts)]


def _evidence(past: str, present: str) -> tuple[str, ...]:
    return past, f"{past}ت", f"{past}وا", *(f"{letter}{present}" for letter in _PRESENT)


def _verb(past: str, present: str, counts: Mapping[str, int]) -> Iterator[str]:
    """Yield the forms of what seems to be a verb; nothing where it seems to be none."""
    he, she, they, *now = (counts.get(form, 0) for form in _evidence(past, present))
    certain = _has_verbs_shape(past, present) or _is_used_by_others(he, she + they, now[0])
    if not (certain or _is_used_now(past, he, *now[:2])):
        return
    yield past
    for letter, count in zip(_PRESENT, now, strict=True):
        if 0 < count <= 4 * now[0]:  # else a noun that begins so: تعليم
            yield f"{letter}{present}"


def _has_verbs_shape(past: str, present: str) -> bool:
    """Tell whether only a verb is written so: ارتفع, whose noun is ارتفاع, and استطاع with يستطيع."""
    if len(past) < 5 or past[0] != "ا":
        return False
    return past[-2] != "ا" or (past.startswith("است") and present[-2] == "ي")


def _is_used_by_others(he: int, others: int, he_does: int) -> bool:
    return min(others, he_does) * _RARE > he


def _is_used_now(past: str, he: int, he_does: int, she_does: int) -> bool:
    """Tell whether a past has two presents; for عود, a noun, they are those of another verb."""
    return he > 0 and past[1] not in "وي" and min(he_does, she_does) * (_RARE // 5) > he


def _pairs_of_past(past: str) -> Iterator[tuple[str, str]]:
    """Yield a past and what its present may be without its first letter."""
    if len(past) == 3:
        yield past, past
        if past[1] == "ا":
            yield past, f"{past[0]}و{past[2]}"
            yield past, f"{past[0]}ي{past[2]}"
        if past[0] == "و":
            yield past, past[1:]
    elif len(past) > 3:
        yield past, past.removeprefix("ا")
        if past[0] == "ا" and past[-2] == "ا":
            yield past, f"{past[1:-2]}ي{past[-1]}"


def _pairs_of_present(word: str) -> Iterator[tuple[str, str]]:
    """Yield what the past may be of a word that may be a present."""
    word = word.removeprefix("س") if word[:2] in ("سي", "ست", "سن") else word
    rest = word[1:]
    if word[:1] not in _PRESENT or len(rest) < 2:
        return
    if len(rest) == 2:
        yield f"و{rest}", rest
        return
    yield rest, rest
    yield f"ا{rest}", rest
    if rest[-2] == "ي":
        yield f"ا{rest[:-2]}ا{rest[-1]}", rest
    if len(rest) == 3 and rest[1] in "وي":
        yield f"{rest[0]}ا{rest[2]}", rest

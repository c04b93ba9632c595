"""Words: what a text is searched by. See docs/words.md."""

from archiver.words.expansion import Vocabulary, expand, nearest
from archiver.words.folding import ANALYSER, fold, fold_url, tokens
from archiver.words.places import Token, spans
from archiver.words.scripts import script
from archiver.words.stems import STEMMER, stem, stem_language

__all__ = [
    "ANALYSER", "STEMMER", "Token", "Vocabulary",
    "expand", "fold", "fold_url", "nearest", "script", "spans", "stem", "stem_language", "tokens",
]  # fmt: skip

"""The signature of a text: by it those that may be its copies are found among a million. Pure.

MinHash (Broder 1997) over runs of words, by rensa: of two texts about as many keys are the same, in the same
places, as their runs are (their Jaccard similarity). A copy cut to a third shares a third of them at best, so no
keys are joined into bands: bands of two rows would find one such pair in ten by each. Longer runs do what bands
are for, and keep apart what shares but phrases.
"""

from __future__ import annotations

from struct import pack

from archiver import words
from archiver.copies.reading import Text, runs

RUN = 5  # words of a run
KEYS = 32  # of a signature
LEAST = 2  # keys that two texts must share to be compared at all
_SEED = 20_260_301
# What a signature is made by: others cannot be compared with it.
METHOD = f"2 minhash-{KEYS}x{RUN} words-{words.ANALYSER}"


def signature(text: Text) -> bytes:
    """Return the signature of a text: `KEYS` numbers of 32 bits, little endian. Of a short text it is empty."""
    from rensa import RMinHash  # only clustering needs it

    if text.short:
        return b""
    sketch = RMinHash(KEYS, _SEED)
    sketch.update(runs(text.words, RUN))  # a tenth of what its batches cost for one text
    return pack(f"<{KEYS}I", *sketch.digest())

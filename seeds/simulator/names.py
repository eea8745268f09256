"""Made-up names, addresses and vendor ids. Each follows from a number, so none depends on how many there are."""

import string
from functools import lru_cache

SYLLABLES = [consonant + vowel for consonant in "bdfklmnrstv" for vowel in "aeiou"]
ENDINGS = ("n", "r", "x", "l", "m", "s", "t", "k")
SUFFIXES = ("Group", "Works", "Labs", "Partners", "Systems", "Foods", "Logistics", "Studio")
FREE_MAIL = ("gmail.com", "outlook.com", "gmx.de", "yahoo.co.jp", "hotmail.com")
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
BASE32 = string.ascii_uppercase + "012345"

_WORDS = len(SYLLABLES) ** 4 * len(ENDINGS)
_STRIDE = 15_485_863  # a prime, so that neighbours get unlike words and no two the same one


def word(number: int) -> str:
    """A pronounceable word; different for every number below 73 million."""
    left = number * _STRIDE % _WORDS
    left, ending = divmod(left, len(ENDINGS))
    parts = []
    for _ in range(4):
        left, syllable = divmod(left, len(SYLLABLES))
        parts.append(SYLLABLES[syllable])
    return "".join(parts) + ENDINGS[ending]


def person(number: int) -> tuple[str, str]:
    """A first and a last name; people may share them."""
    return word(number % 997)[:5].capitalize(), word(number % 7919 + 1_000)[2:].capitalize()


def base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits.append(BASE62[digit])
    return "".join(reversed(digits))


def salesforce_id(prefix: str, number: int) -> str:
    """The 18-character form: 15 case-sensitive characters and three that tell which of them are capitals."""
    short = f"{prefix}5g0000{base62(number, 6)}"
    return short + _check(short[:5]) + _check(short[5:10]) + _check(short[10:])


@lru_cache(maxsize=10_000)
def _check(five: str) -> str:
    return BASE32[sum(1 << bit for bit, letter in enumerate(five) if letter.isupper())]

"""Text that came from anywhere, as it can be stored and may be shown."""

import hashlib
import re

ADDRESS = re.compile(r"[^\s/]*@[^\s/]*")  # as wide as `published_ref`: whatever has the sign


def is_storable(text: str) -> bool:
    """Whether a text came from whole UTF-8: broken bytes are in it as lone surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def storable(text: str) -> str:
    """A text with a question mark for each lone surrogate: a broken byte, or what a JSON escape can spell."""
    return text.encode("utf-8", "replace").decode()


def shown(text: str) -> str:
    """A name or a sentence as readers may see it: what may be an e-mail address is hashed.

    >>> shown("plain/ann@x.example/subs.csv")
    'plain/hashed:ee5a9a976aa9e63ba2911c03ad3978b2/subs.csv'
    """
    return ADDRESS.sub(lambda found: f"hashed:{hashlib.md5(found[0].encode()).hexdigest()}", storable(text))

"""How a WebSub hub signs what it sends (W3C WebSub, section 8): an HMAC of the body."""

import hashlib
import hmac

METHODS = ("sha256", "sha384", "sha512")  # sha1, the recommendation's fourth, is broken


def signature(secret: str, body: bytes, method: str = "sha256") -> str:
    """Return the value of X-Hub-Signature for a body, by one of METHODS.

    >>> signature("key", b"<feed/>")[:20]
    'sha256=1024b4348490f'
    """
    digest = hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()
    return f"{method}={digest}"


def is_signed(header: str, secret: str, body: bytes) -> bool:
    """Tell whether a header is the body's signature; compares in constant time."""
    stated = header.strip().lower()
    method = stated.partition("=")[0]
    if method not in METHODS:
        return False
    return hmac.compare_digest(stated.encode(), signature(secret, body, method).encode())

import hashlib
import hmac

import pytest

from aggregator.stories.signatures import METHODS, is_signed, signature

BODY = b"<feed/>"


@pytest.mark.parametrize("method", METHODS)
def test_what_is_signed_with_the_secret_is_believed(method: str) -> None:
    header = signature("key", BODY, method)
    assert is_signed(header, "key", BODY)
    assert is_signed(f" {header.upper()} ", "key", BODY)
    assert not is_signed(header, "another key", BODY)
    assert not is_signed(header, "key", BODY + b" ")


def test_a_digest_that_was_computed_elsewhere() -> None:
    # openssl dgst -sha256 -hmac key
    assert signature("key", BODY) == (
        "sha256=1024b4348490f3a9f5456a4f474a1db3fc482391906590310fbbe0ad71f86d8a"
    )


@pytest.mark.parametrize("header", ["", "sha256", "sha256=", "=", "sha256=ä", "md5=00", "new=00"])
def test_what_is_no_signature_is_not_believed(header: str) -> None:
    assert not is_signed(header, "key", BODY)


def test_broken_digests_are_not_believed() -> None:
    digest = hmac.new(b"key", BODY, hashlib.sha1).hexdigest()
    assert not is_signed(f"sha1={digest}", "key", BODY)

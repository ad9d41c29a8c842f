"""Values as JSON, as they are stored."""

import json

from pydantic_core import PydanticSerializationError, to_json


def as_json(value: object) -> str:
    """Return a value as JSON, in an eighth of the time that the standard library takes.

    To write the evidence took as long as all else that is written of an article.
    """
    try:
        return to_json(value).decode()
    except PydanticSerializationError:
        # Half a pair of surrogates is no character: UTF-8 has none, so that it must be escaped.
        return json.dumps(value)

"""The fields that a rule may ask of an article (`title:frigate`); a search has none."""

FIELDS = ("title", "text", "head", "outlet", "source", "lang", "tag")

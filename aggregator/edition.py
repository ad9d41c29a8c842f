"""What a story is published as: its lead, its date, its categories. Pure, as `stories` is."""

from collections.abc import Iterator, Mapping, Sequence

from aggregator.store.editions import Draft, DraftTelling, Edition
from aggregator.stories.lead import LeadCandidate, choose_lead, is_named_as_original
from aggregator.stories.query import Document, Query
from aggregator.stories.stored import from_bytes


def edition_of(draft: Draft, rules: Mapping[str, Query]) -> Edition:
    """Return what a draft is published as: its lead, its date, its categories.

    The categories are those that the operator gave to any of its sources, and
    those whose rule selects the lead.
    """
    if not draft.tellings:
        return Edition(draft.story_id, draft.revision, None, None, frozenset())
    tellings = {telling.entry_id: telling for telling in draft.tellings}
    # A split may have taken the lead away just before it was written down.
    known = draft.lead_entry_id if draft.lead_entry_id in tellings else None
    lead = tellings[known or choose_lead(_candidates(draft.tellings))]
    given = {slug for telling in draft.tellings for slug in telling.given}
    document = _document(lead)
    ruled = {slug for slug, rule in rules.items() if rule.matches(document)}
    return Edition(
        draft.story_id, draft.revision, lead.entry_id, lead.published, frozenset(given | ruled)
    )


def best_telling(draft: Draft) -> int | None:
    """Return the telling that would lead the story if it appeared today, None where it has none."""
    return choose_lead(_candidates(draft.tellings)) if draft.tellings else None


def _candidates(tellings: Sequence[DraftTelling]) -> Iterator[LeadCandidate]:
    """Yield what the choice looks at; fingerprints of another version count for nothing."""
    prints = [from_bytes(telling.fingerprint) for telling in tellings]
    legible = [print_ for print_ in prints if print_]
    for telling, print_ in zip(tellings, prints, strict=True):
        yield LeadCandidate(
            entry_id=telling.entry_id,
            role=telling.role,
            words=len(telling.text.split()),
            published=telling.published,
            named_as_original=print_ is not None and is_named_as_original(print_, legible),
        )


def _document(lead: DraftTelling) -> Document:
    return Document(
        title=lead.title,
        text=lead.text,
        outlet=lead.outlet,
        source=lead.source,
        lang=lead.lang or "",
        tags=lead.tags,
    )

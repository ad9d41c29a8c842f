"""What a story is published as: its lead, its date, its categories. Pure, as `stories` is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from aggregator.store.drafts import Draft, DraftTelling
from aggregator.store.editions import Edition
from aggregator.stories.lead import LeadCandidate, choose_lead, is_named_as_original
from aggregator.stories.query import Document, Query
from aggregator.stories.stored import from_bytes


@dataclass(frozen=True, slots=True)
class Guidelines:
    """What decides where a story stands.

    `rules` are the categories' by slug; `families` the publisher's family of
    each outlet that has one, of which `min_outlets` confirm a story.
    """

    rules: Mapping[str, Query]
    families: Mapping[str, str] = field(default_factory=dict)
    min_outlets: int = 2


def edition_of(draft: Draft, guidelines: Guidelines) -> Edition:
    """Return what a draft is published as: its lead, its date, its categories.

    The categories are those that the operator gave to any of its sources, and
    those whose rule selects the lead. It inherits those of a story that was merged
    into it: who reads one of them alone would lose the news.
    """
    if not draft.tellings:
        return Edition(draft.story_id, draft.revision, None, None, frozenset())
    tellings = {telling.entry_id: telling for telling in draft.tellings}
    # A split may have taken the lead away just before it was written down.
    known = draft.lead_entry_id if draft.lead_entry_id in tellings else None
    lead = tellings[known or choose_lead(_candidates(draft.tellings))]
    own = [each for each in draft.tellings if each is lead or not each.brought]
    categories = _ruled(lead, guidelines).union(*(telling.given for telling in own))
    heritage = {
        (slug, telling.entry_id)
        for telling in draft.tellings
        if telling.brought and telling is not lead
        for slug in _brought(telling, guidelines) - categories
    }
    told_by = {guidelines.families.get(t.outlet, t.outlet) for t in draft.tellings}
    return Edition(
        draft.story_id,
        draft.revision,
        lead.entry_id,
        lead.published,
        frozenset(categories),
        folds=len(draft.tellings) > 1,
        confirmed=len(told_by) >= guidelines.min_outlets,
        bodies=lead.bodies,
        heritage=frozenset(heritage),
    )


def _ruled(telling: DraftTelling, guidelines: Guidelines) -> set[str]:
    """Return the categories whose rule selects a telling."""
    document = document_of(telling)
    return {slug for slug, rule in guidelines.rules.items() if rule.matches(document)}


def _brought(telling: DraftTelling, guidelines: Guidelines) -> set[str]:
    """Return the categories in which a story stood that was merged, by one of its tellings."""
    ruled = _ruled(telling, guidelines) if telling.led else set()
    return ruled.union(telling.given)


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


def document_of(lead: DraftTelling) -> Document:
    """Return what rules see of a story: its lead."""
    return Document(
        title=lead.title,
        text=lead.text,
        outlet=lead.outlet,
        source=lead.source,
        lang=lead.lang or "",
        tags=lead.tags,
    )

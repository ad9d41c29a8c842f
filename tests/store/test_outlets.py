"""Which host goes with an outlet's name."""

from functools import partial

from aggregator.model import Origin
from aggregator.store import outlets
from aggregator.store.database import Store


def hosts(store: Store, *names: str) -> dict[str, str]:
    return store.read_now(partial(outlets.hosts_of, names=names))


def learn(store: Store, *origins: Origin) -> None:
    store.write_now(partial(outlets.learn, origins=origins))


def test_a_name_that_two_outlets_bear_leads_to_neither(store: Store) -> None:
    learn(store, Origin("The Quay", "https://quay.example/feed"))
    assert hosts(store, "The Quay", "The Pier") == {"The Quay": "quay.example"}
    learn(store, Origin("The Quay", "https://another.test/feed"))
    assert hosts(store, "The Quay") == {}


def test_a_name_that_no_index_takes_is_left_out(store: Store) -> None:
    """PostgreSQL's takes 2,704 bytes: one such name would keep all of its source's news out."""
    name = "".join(map(chr, range(0x4E00, 0x4E00 + 990)))
    learn(store, Origin(name, "https://quay.example/feed"))
    assert hosts(store, name) == {}

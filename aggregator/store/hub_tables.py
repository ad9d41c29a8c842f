"""The tables of WebSub, as a publisher and as a hub: who is to be told, and who was promised to."""

from datetime import datetime

from sqlalchemy import UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from aggregator.store.base import Base


class HubTopicRow(Base):
    """A published file, and the digest of its bytes when its change was last told."""

    __tablename__ = "hub_topic"

    name: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]


class HubSubscriptionRow(Base):
    """A subscription that its callback confirmed; `topic` is the name of a published file.

    `answers`: the last that was brought to it was taken.
    """

    __tablename__ = "hub_subscription"
    __table_args__ = (UniqueConstraint("callback", "topic"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    callback: Mapped[str]
    topic: Mapped[str] = mapped_column(index=True)
    host: Mapped[str] = mapped_column(index=True)
    secret: Mapped[str]
    expires_at: Mapped[datetime]
    answers: Mapped[bool] = mapped_column(default=False, server_default=false())


class HubErrandRow(Base):
    """A call to be made at a hub's or a callback's `url`; it stays until it was made.

    `epoch` grows with what is asked and with each claim: an outcome of before
    does not stand for what was asked since. `subscribes`, `secret` and
    `lease_s` are those of a subscription that is to be confirmed.
    """

    __tablename__ = "hub_errand"
    __table_args__ = (UniqueConstraint("kind", "url", "topic"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    url: Mapped[str]
    topic: Mapped[str]
    host: Mapped[str]
    due_at: Mapped[datetime] = mapped_column(index=True)
    epoch: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    subscribes: Mapped[bool] = mapped_column(default=False)
    secret: Mapped[str] = mapped_column(default="")
    lease_s: Mapped[int] = mapped_column(default=0)

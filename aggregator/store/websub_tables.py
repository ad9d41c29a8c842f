"""The table of our subscriptions to the hubs of other publishers (WebSub)."""

from datetime import datetime

from sqlalchemy import ForeignKey, false
from sqlalchemy.orm import Mapped, mapped_column

from aggregator.store.base import Base, partial_index


class SubscriptionRow(Base):
    """A subscription at a hub to what a source says.

    `state` is a `websub.State`. `token` makes the callback unguessable, and
    `secret` signs what is sent there. The hub is to be asked at `due_at`, None
    where there is nothing to ask, and was last asked at `asked_at`, `tries`
    times without a confirmation. `reason` is why it did not grant it. `by_page`:
    not the source names it, but the page that named the source.
    """

    __tablename__ = "websub_subscription"
    __table_args__ = (
        partial_index("ix_websub_subscription_due", "due_at", where="due_at IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"), index=True)
    hub: Mapped[str]
    topic: Mapped[str]
    token: Mapped[str]
    secret: Mapped[str]
    state: Mapped[str]
    due_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str | None]
    last_ping_at: Mapped[datetime | None]
    by_page: Mapped[bool] = mapped_column(default=False, server_default=false())

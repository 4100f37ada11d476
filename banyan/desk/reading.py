"""One record with all that its desk page tells, in one query; what is small comes as JSON beside it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.http import Http404

from banyan.desk.queue import Queue
from banyan.documents.models import Document
from banyan.initiatives.models import Initiative
from banyan.orgs.models import Ancestry, UnitName
from banyan.submissions.models import Answer, Draft, Placing, Remark, Review, Sending, Step
from banyan.web.page import BanyanRequest

PHRASES = 9  # as many as there are digits to choose them by
DRAFT = "desk"


@dataclass(frozen=True)
class Said:
    """A review, a remark or a unit's own points, as they came from the database."""

    kind: str
    move: str
    text: str
    scores: dict[str, str]
    total: str | None
    at: datetime
    who: str
    account: int
    about: str = ""


def find(request: BanyanRequest, queue: Queue, pk: int) -> Initiative:
    """A model within reach with all its page tells; 404 for what is not."""
    of = OuterRef("submission")
    names = UnitName.objects.filter(
        unit=OuterRef("unit"), language="vi", valid__contains=OuterRef("submission__counts_on")
    )
    steps = Step.objects.filter(submission=of).order_by("-version")
    drafts = Draft.objects.filter(
        account=request.actor.account_id,
        post=request.actor.post_id,
        form=DRAFT,
        thing=OuterRef("pk"),
    )
    rows = (
        request.seen(Initiative)
        .with_page()
        .prefetch_related(None)
        .select_related("replicated_from", "continues__submission", "continued_by")
        .annotate(
            unit_name=Subquery(names.values("name")[:1]),
            at_home=_at_home(request),
            newest_move=Subquery(steps.values("move")[:1]),
            said=ArraySubquery(_reviews().values(json=_as_said())),
            talk=ArraySubquery(_remarks().values(json=_as_remark())),
            sent=ArraySubquery(_sendings().values(json=_as_sending())),
            files=ArraySubquery(_files(request)),
            draft=Subquery(drafts.values(json=JSONObject(raw="raw", version="version"))[:1]),
            phrases=ArraySubquery(_phrases(request, queue)),
        )
    )
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found  # type: ignore[no-any-return]


def _at_home(request: BanyanRequest) -> Any:
    """Whether its own unit still stands and answers for it: then nothing more is asked about that."""
    post = request.actor.post
    standing = Ancestry.objects.standing().filter(
        unit=OuterRef("unit"),
        ancestor=OuterRef("unit"),
        tree=post.tree,
        valid__contains=request.today,
    )
    placed = Placing.objects.filter(submission=OuterRef("submission"))
    return Exists(standing) & ~Exists(placed)


def _reviews() -> Any:
    return Review.objects.filter(submission=OuterRef("submission")).order_by("-pk")


def _as_said() -> JSONObject:
    return JSONObject(
        kind="kind",
        move="move",
        text="remark",
        scores="scores",
        total="total",
        at="at",
        who="reviewer__person__name",
        account="reviewer_id",
    )


def _remarks() -> Any:
    return Remark.objects.filter(submission=OuterRef("submission")).order_by("pk")


def _as_remark() -> JSONObject:
    return JSONObject(
        about="field", text="text", at="at", who="account__person__name", account="account_id"
    )


def _sendings() -> Any:
    return Sending.objects.filter(submission=OuterRef("submission")).order_by("-version")


def _as_sending() -> JSONObject:
    return JSONObject(answers="answers", at="at", version="version", state="state")


def _files(request: BanyanRequest) -> Any:
    """Photos and papers that the reader may open."""
    return (
        Answer.objects.filter(
            submission=OuterRef("submission"),
            document__in=request.seen(Document).values("pk"),
        )
        .order_by("pk")
        .values(
            json=JSONObject(
                field="field",
                pk="document_id",
                title="document__title",
                filename="document__filename",
                media_type="document__media_type",
            )
        )
    )


def _phrases(request: BanyanRequest, queue: Queue) -> Any:
    """The reasons this reviewer gave before, most used first."""
    return (
        Review.objects.filter(reviewer=request.actor.account_id, move__in=queue.lives.moves_back)
        .exclude(remark="")
        .values("remark")
        .annotate(n=Count("pk"))
        .order_by("-n", "remark")
        .values("remark")[:PHRASES]
    )


def said(rows: list[dict[str, Any]]) -> list[Said]:
    """Rows of JSON as what they are."""
    return [
        Said(
            kind=row.get("kind", "remark"),
            move=row.get("move", ""),
            text=row["text"],
            scores=row.get("scores") or {},
            total=None if row.get("total") is None else str(row["total"]),
            at=datetime.fromisoformat(row["at"]),
            who=row["who"] or "",
            account=row["account"],
            about=row.get("about", ""),
        )
        for row in rows
    ]

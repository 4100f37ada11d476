"""The addresses of files that come in piece by piece: begun, continued, asked after.

    POST  /uploads/           key, filename, size, media_type → 201 {id, url, offset, document}
    PATCH /uploads/<id>       Upload-Offset: N, the piece as body → 200 the same
    HEAD  /uploads/<id>       → Upload-Offset, Upload-Length

Refusals come as JSON {what, why, mend}. `document` is an id once all has come in, else null.
"""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from banyan.documents import uploads
from banyan.documents.models import Upload
from banyan.kernel.errors import Refusal
from banyan.web.page import LONGEST_NUMBER, BanyanRequest, page


@page("document.keep")
def begin(request: BanyanRequest) -> HttpResponseBase:
    """Begin a file, or find it again by its key."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    said = request.POST
    told = uploads.Announced(
        said.get("key", ""),
        said.get("filename", ""),
        _number(said.get("size", "")),
        said.get("media_type", ""),
    )
    return _answer(lambda: uploads.begin(told, by=request.actor), 201)


@page("document.keep")
def piece(request: BanyanRequest, pk: UUID) -> HttpResponseBase:
    """Take one more piece, or say how far the file came."""
    if request.method == "PATCH":
        offset = _number(request.headers.get("Upload-Offset", ""))
        return _answer(lambda: uploads.append(pk, offset, request.body, by=request.actor), 200)
    if request.method in ("HEAD", "GET"):
        return _answer(lambda: uploads.found(pk, by=request.actor), 200)
    return HttpResponseNotAllowed(["GET", "HEAD", "PATCH"])


def _number(said: str) -> int:
    """A whole number; -1, which fits nothing, for anything else."""
    return int(said) if said.isdecimal() and len(said) <= LONGEST_NUMBER else -1


def _answer(work: Callable[[], Upload], status: int) -> HttpResponseBase:
    try:
        upload = work()
    except Refusal as no:
        return JsonResponse(no.as_dict(), status=no.status)
    kept = upload.document_id
    answer = JsonResponse(
        {
            "id": str(upload.pk),
            "url": reverse("upload", args=[upload.pk]),
            "offset": upload.offset,
            "size": upload.size,
            "document": kept,
        },
        status=status,
    )
    answer["Upload-Offset"], answer["Upload-Length"] = upload.offset, upload.size
    answer["Cache-Control"] = "no-store"
    return answer

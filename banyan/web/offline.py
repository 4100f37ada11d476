"""What makes Banyan installable and readable without a network: worker, manifest, the queue's page."""

import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from banyan.web.page import BanyanRequest, door

SOURCES = Path(__file__).parent / "static" / "banyan"
# What every page needs; kept at the first visit. Fonts and the rest are kept when first asked for.
SHELL = (
    "banyan/tokens.css",
    "banyan/tokens-dark.css",
    "banyan/base.css",
    "banyan/components.css",
    "banyan/pages.css",
    "banyan/theme.js",
    "banyan/menu.js",
    "banyan/fields.js",
    "banyan/form-guard.js",
    "banyan/keys.js",
    "banyan/queue.js",
    "banyan/drafts.js",
    "banyan/waiting.js",
    "banyan/mark.svg",
    "vendor/fonts.css",
    "vendor/htmx.min.js",
)


@cache
def worker_source() -> str:
    """The worker with what it keeps. Its version is the hash of both, so a new build replaces it."""
    code = (SOURCES / "sw.js").read_text()
    shell = [static(path) for path in SHELL]
    bodies = b"".join((SOURCES / p.name).read_bytes() for p in sorted(SOURCES.iterdir()))
    version = hashlib.sha256(f"{shell}{code}".encode() + bodies).hexdigest()[:12]
    build = {"version": version, "shell": shell, **settings.BANYAN_OFFLINE}
    return f"const BUILD = {json.dumps(build)};\n{code}"


@require_safe
@door
def worker(request: BanyanRequest) -> HttpResponseBase:
    """`/sw.js`: from the root, so that its scope is every page; asked for anew at every start."""
    answer = HttpResponse(worker_source(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


@require_GET
@door
def manifest(request: BanyanRequest) -> HttpResponseBase:
    """`/manifest.webmanifest`: the name and face of the app on a home screen."""
    sizes = {"banyan/icon-192.png": "192x192", "banyan/icon-512.png": "512x512"}
    icons = [
        {"src": static(path), "sizes": size, "type": "image/png"} for path, size in sizes.items()
    ]
    masked = {"src": static("banyan/icon-512.png"), "sizes": "512x512", "purpose": "maskable"}
    said = {
        "id": "/",
        "name": _("Banyan – mass work and movements"),
        "short_name": "Banyan",
        "description": _("Register models, follow rounds and reviews, also without a network."),
        "lang": (get_language() or "vi")[:2],
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#faf9f5",
        "theme_color": "#1d6b4f",
        "icons": [*icons, {**masked, "type": "image/png"}],
    }
    answer = JsonResponse(said, content_type="application/manifest+json")
    answer["Cache-Control"] = "public, max-age=86400"
    answer["Vary"] = "Accept-Language, Cookie"
    return answer


@require_GET
@door
def waiting(request: BanyanRequest) -> HttpResponseBase:
    """What this browser has kept and not yet sent. The page itself holds nothing: a script fills it."""
    return render(request, "web/waiting.html", {"title": _("Waiting to be sent")})

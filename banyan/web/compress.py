"""Pages are sent compressed: on 2G that is the difference between one second and four."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.middleware.gzip import GZipMiddleware

TEXT = ("text/", "application/json", "application/manifest+json")


class CompressText(GZipMiddleware):
    """Django's own, for texts alone: photographs and workbooks are compressed already.

    Against guessing secrets from lengths (BREACH) Django adds random bytes to what it compresses,
    and its tokens are masked anew in every page.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Compress what is text and comes whole."""
        kind = response.headers.get("Content-Type", "")
        if isinstance(response, StreamingHttpResponse) or not kind.startswith(TEXT):
            return response
        assert isinstance(response, HttpResponse)
        return super().process_response(request, response)

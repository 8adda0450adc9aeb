"""The API describes itself: the OpenAPI document, and pages to read and try it, without any outside request."""

from functools import cache
from typing import Any, ClassVar

from csp.constants import SELF, UNSAFE_INLINE
from csp.decorators import csp_update
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request

from core.api.permissions import MayAct
from core.rights import Action


class OpenApiView(SpectacularAPIView):
    """The OpenAPI 3.1 document."""

    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_SERVICE}
    permission_classes = [MayAct]
    http_method_names = ["get", "head"]

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer with the document in the reader's language; each is written once per process."""
        written = _written(get_language() or "", request.accepted_renderer.media_type)
        return HttpResponse(written, content_type=request.accepted_media_type)


@cache
def _written(_language: str, media_type: str) -> str | bytes:
    generator: Any = SchemaGenerator
    renderer = next(kind for kind in OpenApiView.renderer_classes if kind.media_type == media_type)
    document = generator().get_schema(request=None, public=True)
    return renderer().render(document, renderer_context={})


@method_decorator(csp_update({"style-src": [SELF, UNSAFE_INLINE]}), name="dispatch")
class ApiDocsView(SpectacularSwaggerSplitView):
    """Pages to read and try the API. The viewer writes its styles into the page; scripts stay files of ours."""

    rights: ClassVar[dict[str, Action]] = {"GET": Action.SEE_SERVICE}
    permission_classes = [MayAct]
    http_method_names = ["get", "head"]
    template_name = "core/docs.html"
    url_name = "api-schema"

"""Lists come in pages; a page that cannot be is refused, never quietly another one."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request

from core.refusals import Invalid

LARGEST_PAGE = 100
# Times the largest page this is still an offset that PostgreSQL takes; a greater number would be a fault of ours.
LAST_PAGE = 9_999_999_999


class Pages(PageNumberPagination):
    """Pages of 25, or of `page_size` up to 100."""

    page_size = 25
    page_size_query_param = "page_size"
    max_page_size = LARGEST_PAGE

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """Return the rows of the page asked for. Raises Invalid for a size or number that cannot be."""
        for name, largest in (("page_size", LARGEST_PAGE), ("page", None)):
            _refuse_unless_counting(request.query_params.get(name), name, largest=largest)
        return super().paginate_queryset(queryset, request, view)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the parameters of a page, with the numbers that they take."""
        limits = {"page": {"minimum": 1, "maximum": LAST_PAGE}, "page_size": {"minimum": 1, "maximum": LARGEST_PAGE}}
        found: list[dict[str, Any]] = super().get_schema_operation_parameters(view)
        return [one | {"schema": one["schema"] | limits[one["name"]]} for one in found]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page in the words of OpenAPI 3.1, which has no `nullable`."""
        page = super().get_paginated_response_schema(schema)
        members = {name: _without_nullable(one) for name, one in page["properties"].items()}
        return page | {"properties": members, "required": list(members)}


def _without_nullable(described: dict[str, Any]) -> dict[str, Any]:
    plain = {word: said for word, said in described.items() if word != "nullable"}
    return plain | {"type": [described["type"], "null"]} if described.get("nullable") else plain


def _refuse_unless_counting(given: str | None, name: str, *, largest: int | None) -> None:
    if given is None:
        return
    right = given.isascii() and given.isdigit() and len(given) <= len(str(LAST_PAGE))
    if not right or int(given) < 1 or (largest is not None and int(given) > largest):
        limit = _("Give a whole number from 1.") if largest is None else _("Give a whole number from 1 to 100.")
        raise Invalid(errors=[{"parameter": name, "detail": str(limit), "code": "invalid"}])

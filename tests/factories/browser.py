"""What a browser sends when somebody presses a button: each field of the page as it stands."""

from html.parser import HTMLParser

from django.http import QueryDict


class _Fields(HTMLParser):
    """Collects the fields of a page's forms that send something."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = QueryDict(mutable=True)
        self._list = self._text = ""

    def handle_starttag(self, tag, attrs) -> None:
        told = dict(attrs)
        kind, name = told.get("type", "text"), told.get("name") or ""
        if tag == "input" and name and kind not in {"submit", "image", "file"}:
            ticked = kind in {"checkbox", "radio"}
            if not ticked or "checked" in told:
                self.sent.appendlist(name, told.get("value", "on" if ticked else "") or "")
        elif tag == "select":
            self._list = name
        elif tag == "textarea":
            self._text = name
            self.sent.appendlist(name, "")
        elif tag == "option" and self._list and "selected" in told:
            self.sent.appendlist(self._list, told.get("value") or "")

    def handle_data(self, data) -> None:
        if self._text:
            self.sent.setlist(self._text, [self.sent[self._text] + data])

    def handle_endtag(self, tag) -> None:
        if tag == "textarea":
            self.sent.setlist(self._text, [self.sent[self._text].removeprefix("\n")])
            self._text = ""
        elif tag == "select":
            self._list = ""


def sent_from(page) -> QueryDict:
    """Return what a browser sends from a page when nothing is touched."""
    fields = _Fields()
    assert page.status_code == 200, page
    fields.feed(page.content.decode())
    return fields.sent

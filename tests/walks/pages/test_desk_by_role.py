"""Every page of the desk, read and sent to by every role: whoever may not open it is refused."""

import pytest
from django.test import Client

from core.models import User
from core.rights import MATRIX
from core.roles import STAFF
from tests.every_address import OPEN_TO_ALL, desk_addresses
from tests.factories.admin import sign_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", STAFF)
def test_every_page_that_is_shown_opens_and_every_other_one_is_refused(lakeside, role):
    browser = sign_in(Client(), "somebody", role, lakeside)
    User.objects.update(is_staff=False)
    page = browser.get("/desk/", follow=True)
    shown = {tab.url.partition("?")[0] for tab in page.context["desk"].tabs}
    assert {browser.get(url).status_code for url in shown} == {200}
    for name, view, address in desk_addresses():
        if name in OPEN_TO_ALL:
            continue
        answers = [browser.get(address), browser.post(address)]
        if role in MATRIX[view.opened_by]:
            # What they may do in general they may not do to everything: that of all sites is not for one of them.
            theirs = {403} if "/1/" in address else set()
            assert {answer.status_code for answer in answers} <= {200, 302, 404, 405, 422} | theirs, name
        else:
            assert address not in shown
            assert {answer.status_code for answer in answers} in ({403}, {403, 405}), name

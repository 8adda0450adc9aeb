"""Pages that take time away: opened by somebody, and pressed as they are shown."""

import re

from django.test import Client


def browser(person):
    client = Client()
    client.force_login(person.user)
    return client


def address_of(page):
    return f"{page.request['PATH_INFO']}?{page.request['QUERY_STRING']}"


def form_of(page):
    """Return what a page sends when its button is pressed as it is shown."""
    main = page.content.decode().partition("<main")[2]
    sent = {"appointment": re.findall(r'name="appointment" value="([^"]+)"', main)}
    sent |= dict(re.findall(r'<input type="hidden" name="(seen-[^"]+)" value="([^"]+)"', main))
    return sent | dict(
        re.findall(r'<input type="radio" name="(choice-[^"]+)" id="[^"]+" value="([^"]+)" checked', main)
    )

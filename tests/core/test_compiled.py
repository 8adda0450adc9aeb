"""Queries that are put into SQL once: each is answered for what was given with it, and for nothing else."""

from threading import Thread

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.models import Q

from core.database.compiled import Argument, Arguments, CompiledQuery
from core.models import Site
from core.refusals import Missing
from tests.factories.scheduler import make_site

BY_KEY = CompiledQuery(lambda: Site.objects.filter(Q(key=Argument("key")) & ~Q(pk=Argument("but"))))
LOCKED = CompiledQuery(lambda: Site.objects.select_for_update().filter(key=Argument("key")))
OF_THEM = CompiledQuery(
    lambda: Site.objects.filter(pk__in=Arguments("ids"), active=True).order_by("key").values_list("key")
)


@pytest.mark.django_db
def test_each_who_asks_gets_their_own_answer():
    lakeside, riverside = make_site(key="lakeside"), make_site(key="riverside")
    assert BY_KEY.rows(key="lakeside", but=0) == [lakeside]
    assert BY_KEY.get(key="riverside", but=0) == riverside
    assert BY_KEY.get(key="riverside", but=0).name == riverside.name
    assert BY_KEY.first(key="riverside", but=riverside.pk) is None
    with pytest.raises(Missing):
        BY_KEY.get(key="nowhere", but=0)


@pytest.mark.django_db
def test_several_ids_are_asked_for_at_once():
    lakeside, riverside = make_site(key="lakeside"), make_site(key="riverside")
    assert OF_THEM.tuples(ids=[riverside.pk, lakeside.pk]) == [("lakeside",), ("riverside",)]
    assert OF_THEM.tuples(ids=[]) == []


@pytest.mark.django_db
def test_a_query_without_what_it_asks_for_is_not_sent():
    with pytest.raises(KeyError):
        BY_KEY.rows(key="lakeside")


@pytest.mark.django_db(transaction=True)
def test_a_lock_is_refused_where_it_would_end_at_once():
    make_site(key="lakeside")
    with transaction.atomic():
        LOCKED.get(key="lakeside")
    with pytest.raises(ProgrammingError):
        LOCKED.get(key="lakeside")


@pytest.mark.django_db(transaction=True)
def test_another_thread_asks_on_its_own_connection():
    make_site(key="lakeside")
    BY_KEY.get(key="lakeside", but=0)
    found = []

    def ask():
        found.append(BY_KEY.get(key="lakeside", but=0).key)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            found.append(cursor.fetchone()[0])
        connection.close()

    with transaction.atomic(), connection.execute_wrapper(lambda *_: pytest.fail("It asked on ours.")):
        asking = Thread(target=ask)
        asking.start()
        asking.join()
    assert found[0] == "lakeside"


@pytest.mark.django_db
def test_what_nobody_can_find_is_not_there_and_nothing_breaks():
    nothing = CompiledQuery(lambda: Site.objects.filter(Q(pk__in=[]), key=Argument("key")))
    make_site(key="lakeside")
    assert (nothing.rows(key="lakeside"), nothing.tuples(key="lakeside")) == ([], [])
    with pytest.raises(Missing):
        nothing.get(key="lakeside")

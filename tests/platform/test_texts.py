"""Whoever writes a page is told about words that could not be translated."""

import pytest

from local.commands.translatable_templates import bare_words


@pytest.mark.parametrize(
    "template",
    [
        "{% load i18n %}<h1>{% translate 'Your visit' %}</h1>",
        "{% load i18n %}<p>{% blocktranslate %}Come at {{ time }}{% endblocktranslate %}</p>",
        '<img alt="" src="/a.png">{{ name }} – {{ date }}',
        "<style>main { color: red }</style>{# a remark #}",
        "<p>Meridian</p> {# as it is #}",
    ],
)
def test_a_template_that_can_be_translated_passes(template):
    assert list(bare_words(template)) == []


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("<h1>Your visit</h1>", "1"),
        ("<p>\n  {{ name }}\n  is here</p>", "3"),
        ('{% load i18n %}\n<button aria-label="Close">{% translate "x" %}</button>', "2"),
        ("{% translate 'Your visit' %}", "1"),
    ],
)
def test_a_bare_word_is_named_with_its_line(template, line):
    assert [said.split(":")[0] for said in bare_words(template)] == [line]

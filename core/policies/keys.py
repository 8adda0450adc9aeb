"""Which policies there are: each key with the dataclass that reads its content, and what a new clinic begins with."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from core.models import EVERY_AUDIENCE, Policy
from core.policies.content import FieldError, read_content, readable_parts
from core.policies.meaning import (
    ValueWords,
    as_written,
    as_yaml,
    differences_in_words,
    in_words,
    lines_that_differ,
)
from core.policies.yaml_text import read_yaml
from core.refusals import Invalid

T = TypeVar("T")
ALWAYS = DateTimeTZRange(None, None)
ORDER = "order"
"""Where a row notes in which order names of the clinic's own stand: its column forgets that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChange:
    """What publishing a draft at `at` would put in force. `before`: the content that holds until then, if one does.

    `sites`: where it would hold (ids), `own_of_site`: whether it is for one site alone; `effective`: from when until
    when. `names_at`: the sites (ids) of which whoever asks may read who is concerned, and why.
    """

    before: Any
    after: Any
    sites: Collection[int]
    own_of_site: bool = False
    audience: str = EVERY_AUDIENCE
    effective: DateTimeTZRange = ALWAYS
    at: datetime
    names_at: Collection[int] = ()


PolicyImpact = Callable[[PolicyChange], list[str]]
"""From a change to sentences about what it means for the appointments there are."""

PolicyEffect = Callable[[PolicyChange], None]
"""From a change that is made to what it leaves to do, written down in its transaction."""

PolicyTrial = Callable[[Any], Iterable[str]]
"""From a content as its dataclass to a sentence for each of its own examples that it does not keep."""

PlaceRule = Callable[[Policy, str, str], tuple[str, ...]]
"""From a policy, a therapy and a technique of it (or none) to kinds of places."""

PolicyLines = Callable[[Any], Iterable[tuple[str, str]]]
"""From a content as its dataclass to what its parts are called, each once, with what they say."""


def nothing_wrong(_content: object) -> Iterable[FieldError]:
    """Return that nothing is wrong with a content that can be read."""
    return ()


def nothing_to_do(_change: PolicyChange) -> None:
    """Leave nothing to do."""


def nothing_fails(_content: object) -> Iterable[str]:
    """Return that no example of a content without any fails."""
    return ()


def no_lines(_content: object) -> Iterable[tuple[str, str]]:
    """Return that a content's values say all there is to it."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyKey:
    """A kind of policy. `begins_with`: the YAML file that a clinic without one begins with, published as it is.

    `draft_from`: what a clinic drafts its first one from, where nothing is published that nobody signed; `without`:
    what holds until it has one, in a sentence.

    `approvals`: how many people who did not write it must approve a draft that changes one of `approved_parts`, or
    anything where none are named. `impact`: what a new content would mean for the appointments there are. `wrong`: what
    is refused of a content that can be read, each with its place, when it is written; `wrong_in_parts`: of those of its
    parts that can be read, also while others cannot, so that whoever writes it reads of all at once. `audiences`: for
    whom there may be one of its own, beside the one for all; `unread`: by audience the names that are read for others
    alone, with why.
    `came_later`: the dotted names that a content of an older release lacks.
    `closes`: the part that names therapies which are not given while a policy holds, * for all; empty where none does.
    `spares`: from a policy, a therapy and its technique to the kinds of places that are kept from it wherever it can be
    elsewhere, the one that is kept most first.
    `title`: what people call it. `value_words`: from a part's name and a value to what that says; "audience" is one.
    `published`: what is left to do once another content holds.
    `trial`: what of its own examples a content does not keep; it is not published then.
    `audiences_now`: those for whom there may be one at this moment; `apart`: how one for them alone is read, where it
    says less than the one for everybody, which holds in all else.
    `lines`: what a content says beyond its single values. `ordered`: its parts whose names stand in an order that says
    something.
    """

    key: str
    content: type[Any]
    begins_with: Path | None = None
    draft_from: Callable[[], Any] | None = None
    without: str | Promise = ""
    approvals: int = 0
    approved_parts: tuple[str, ...] = ()
    impact: PolicyImpact | None = None
    published: PolicyEffect = nothing_to_do
    wrong: Callable[[Any], Iterable[FieldError]] = nothing_wrong
    wrong_in_parts: Callable[[Mapping[str, Any]], Iterable[FieldError]] = nothing_wrong
    audiences: tuple[str, ...] = ()
    unread: Mapping[str, Mapping[str, str | Promise]] = field(default_factory=dict)
    came_later: tuple[str, ...] = ()
    closes: str = ""
    spares: PlaceRule | None = None
    title: str | Promise = ""
    value_words: ValueWords = as_written
    trial: PolicyTrial = nothing_fails
    lines: PolicyLines = no_lines
    ordered: tuple[str, ...] = ()
    audiences_now: Callable[[], tuple[str, ...]] = tuple
    apart: "PolicyKey | None" = None

    def kinds(self) -> tuple[str, ...]:
        """Return for whom there are policies of this kind: for everybody where nothing else is said, or beside it."""
        own = (*self.audiences, *self.audiences_now())
        return (EVERY_AUDIENCE, *own) if self.apart or not own else own

    def of(self, audience: str) -> "PolicyKey":
        """Return how a policy for an audience is read: as one for everybody, unless those are read apart."""
        return self if audience == EVERY_AUDIENCE or self.apart is None else self.apart

    @property
    def signed(self) -> bool:
        """Whether nothing of it holds before others have signed it, whoever writes it."""
        return bool(self.approvals) and not self.approved_parts

    def title_for(self, audience: str) -> str:
        """Return what people call it, with whom it is for where it tells them apart."""
        title = str(self.title or self.key)
        if not self.audiences and audience == EVERY_AUDIENCE:
            return title
        whom = _("everybody") if audience == EVERY_AUDIENCE else self.value_words("audience", audience)
        return _("%(title)s for %(whom)s") % {"title": title, "whom": whom}

    def check_audience(self, audience: str) -> None:
        """Refuse a policy for somebody for whom nobody would look one up. Raises Invalid."""
        # Published, it would be shown as in force and hold for nobody.
        known = (EVERY_AUDIENCE, *self.audiences, *self.audiences_now())
        if audience not in known:
            detail = _("There is no policy of this kind for %(audience)s alone; there is one for: %(known)s.")
            raise Invalid(detail % {"audience": audience, "known": ", ".join(known)}, pointer="/audience")

    def check_unread(self, audience: str, content: object) -> None:
        """Refuse what is written for an audience and is read for others alone. Raises Invalid, with why and the place.

        It would be approved, shown as in force, and nothing would come of it.
        """
        given = content if isinstance(content, Mapping) else {}
        why = self.unread.get(audience, {})
        if found := [{"pointer": f"/{name}", "detail": str(why[name])} for name in why if given.get(name)]:
            raise Invalid(_("The policy cannot be read."), errors=found)

    def read(self, content: object) -> Any:  # noqa: ANN401  (each key's own dataclass)
        """Return a content that somebody writes, whole. Raises Invalid for what cannot be read, or is `wrong`.

        What is in force is read without that second look: what it asks for may have gone since, and mail that stops
        for it would help nobody.
        """
        value, found = None, []
        try:
            value = read_content(self.content, content)
            found = list(self.wrong(value))
        except Invalid as refusal:
            errors: Any = refusal.facts["errors"]
            found = list(errors)
        found += [one for one in self.wrong_in_parts(readable_parts(self.content, content)) if one not in found]
        if found:
            raise Invalid(_("The policy cannot be read."), errors=found)
        return value

    def failures(self, content: Any) -> list[str]:  # noqa: ANN401  (contents, as YAML has them)
        """Return a sentence for each example that a content, which can be read, does not keep."""
        return list(self.trial(read_content(self.content, content)))

    def completed(self, content: Any) -> Any:  # noqa: ANN401  (contents, as YAML has them)
        """Return a content that was written down, with what a clinic begins with for names that came later.

        A published row never changes, so that one of an older release lacks what this one reads. What is `ordered`
        stands as it was written.
        """
        if self.ordered and isinstance(content, Mapping) and ORDER in content:
            order = content[ORDER]
            content = {name: _in_order(one, order.get(name, ())) for name, one in content.items() if name != ORDER}
        for name in self.came_later:
            content = _with(content, name.split("."), self.first_content())
        return content

    def stored(self, content: Any) -> Any:  # noqa: ANN401  (contents, as YAML has them)
        """Return a content as a row holds it: with the order of what is `ordered`, which is signed with the rest."""
        if not self.ordered:
            return content
        return {**content, ORDER: {name: list(content[name]) for name in self.ordered if name in content}}

    def approvals_for(self, before: Any, after: Any) -> int:  # noqa: ANN401  (contents, as YAML has them)
        """Return how many approvals a change from one content to another needs; None for a time without any."""
        parts = self.approved_parts
        if before == after:
            return 0
        same = bool(parts) and all((before or {}).get(part) == (after or {}).get(part) for part in parts)
        return 0 if same else self.approvals

    def first_content(self) -> Any:  # noqa: ANN401  (as YAML has it)
        """Return the content that a clinic begins with, None where it begins with none."""
        return deepcopy(_first_content(self.begins_with)) if self.begins_with else None


def _in_order(names: Any, order: Sequence[str]) -> Any:  # noqa: ANN401
    return {name: names[name] for name in order} if order else names


@cache
def _first_content(file: Path) -> Any:  # noqa: ANN401
    return read_yaml(file.read_text(encoding="utf-8"))


def _with(content: Any, path: Sequence[str], usual: Any) -> Any:  # noqa: ANN401
    """Return a content with the usual value at a path where it has none; a value that was written stays."""
    name, *rest = path
    if not isinstance(content, Mapping) or (rest and name not in content):
        return content
    return {**content, name: _with(content[name], rest, usual[name]) if rest else content.get(name, usual[name])}


_registered: dict[str, PolicyKey] = {}


def register(key: PolicyKey) -> None:
    """Make a kind of policy known; apps do so when they are ready."""
    _registered[key.key] = key


def registered() -> tuple[PolicyKey, ...]:
    """Return the kinds of policies there are, by name."""
    return tuple(_registered[key] for key in sorted(_registered))


def policy_key(key: str) -> PolicyKey:
    """Return a kind of policy by its name. Raises Invalid."""
    found = _registered.get(key)
    if found is None:
        raise Invalid(f"There is no policy {key!r}; there are: {', '.join(sorted(_registered))}.", pointer="/key")
    return found


def approvals_between(policy: Policy, before: Any, after: Any) -> int:  # noqa: ANN401  (contents, as YAML has them)
    """Return how many approvals a change from one content of a policy's kind to another needs.

    None where no release reads the kind.
    """
    found = key_of(policy)
    return found.approvals_for(before, after) if found else 0


def key_of(policy: Policy) -> PolicyKey | None:
    """Return how a policy is read; None of a kind that no release reads any more."""
    found = _registered.get(policy.key)
    return found.of(policy.audience) if found else None


def yaml_of(policy: Policy) -> str:
    """Return a policy's content as YAML that can be drafted again: whole, and each value with what it means.

    One of a kind that no release reads any more, as it stands.
    """
    key = key_of(policy)
    return as_yaml(key.content, key.completed(policy.content)) if key else as_yaml(object, policy.content)


def yaml_to_draft_from(key: str) -> str:
    """Return what is shipped to draft a first policy from, as YAML; nothing where nothing is."""
    found = _registered.get(key)
    return as_yaml(found.content, found.draft_from()) if found and found.draft_from else ""


def values_of(policy: Policy) -> list[tuple[str, str]]:
    """Return what each value of a policy means, in words, with the value."""
    key = key_of(policy)
    if key is None:
        return []
    content = key.completed(policy.content)
    lines = key.lines(content_of(policy, key.content)) if content else ()
    return [*in_words(key.content, content, said=key.value_words), *lines]


def changes_in_words(policy: Policy, before: Any) -> list[str]:  # noqa: ANN401  (a content, as YAML has it)
    """Return what a policy changes of another content, or of none (before: None), in words and units."""
    found, after = policy_key(policy.key).of(policy.audience), policy.content
    old, new = found.completed(before) if before is not None else {}, found.completed(after)
    lines = (dict(found.lines(read_content(found.content, one))) if one else {} for one in (old, new))
    return [*differences_in_words(found.content, old, new, said=found.value_words), *lines_that_differ(*lines)]


def title_of(policy: Policy) -> str:
    """Return what people call a policy, also one of a kind that no release reads any more."""
    key = _registered.get(policy.key)
    return key.title_for(policy.audience) if key else policy.key


def content_of(policy: Policy, kind: type[T]) -> T:
    """Return a policy's content as its dataclass, read once for a row: a published one never changes.

    Raises Invalid for what the dataclass does not know: nothing is replaced by what the code would rather have. What
    an older release could not write is as a clinic begins with it.
    """
    memory = vars(policy)
    if "read_content" not in memory:
        memory["read_content"] = read_content(
            kind, policy_key(policy.key).of(policy.audience).completed(policy.content)
        )
    found: T = memory["read_content"]
    return found

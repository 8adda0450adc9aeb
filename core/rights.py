"""Who may do what: one table of actions, roles and how far each reaches. Pure: no request, no database."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from core.principal import Principal
from core.roles import Role


class Action(StrEnum):
    """What a person may want to do."""

    SEE_SERVICE = "see-service"
    SEE_SELF = "see-self"
    REVOKE = "revoke"
    SEE_FREE_TIMES = "see-free-times"
    SEE_CATALOGUE = "see-catalogue"
    EDIT_CATALOGUE = "edit-catalogue"
    ADD_SITE = "add-site"
    SEE_POLICIES = "see-policies"
    """What is in force at a site, was, or is drafted, with who wrote and approved it."""
    EDIT_POLICIES = "edit-policies"
    """Draft and publish the policies of a site."""
    DRAFT_SIGNED_POLICIES = "draft-signed-policies"
    """Draft, publish and take back what holds only once clinicians have signed it."""
    EDIT_POLICIES_FOR_ALL = "edit-policies-for-all"
    APPROVE_POLICY = "approve-policy"
    EDIT_ACCOUNTS = "edit-accounts"
    """People who sign in, and their roles at a site."""
    SEE_CALENDAR = "see-calendar"
    EDIT_CALENDAR = "edit-calendar"
    HOLD = "hold"
    KEEP_HOLD = "keep-hold"
    BOOK = "book"
    BOOK_TOGETHER = "book-together"
    """Look for times for several people, book them as one act, move them together, take apart what links them."""
    SEE_LINKED = "see-linked"
    """Which appointments were booked together: neither of the people is told anything of the other."""
    SEE_APPOINTMENT = "see-appointment"
    SEE_THERAPY = "see-therapy"
    """What a visit is for, and why it was called off."""
    SEE_DETAILS = "see-details"
    """What staff write for each other: a note, and why a rule was set aside."""
    WRITE_NOTE = "write-note"
    """Write the note of an appointment, which is neutral and never clinical."""
    SEE_NAMES = "see-names"
    SEE_CHANGES = "see-changes"
    MOVE = "move"
    CHANGE_LENGTH = "change-length"
    """Let one appointment take longer or shorter than its therapy does."""
    CANCEL = "cancel"
    UNDO = "undo"
    OVERRIDE_SOFT_RULE = "override-soft-rule"
    REVIEW = "review"
    """Look at an appointment that was asked for, and book or decline it."""
    HANDLE_PAPERS = "handle-papers"
    MARK_ATTENDANCE = "mark-attendance"
    ADMIT_WALK_IN = "admit-walk-in"
    """Find or enter whoever stands at the desk without an appointment, and give them a time."""
    SEE_WAITING_LIST = "see-waiting-list"
    """Who waits for a time to open, for what, and what they were offered."""
    KEEP_WAITING_LIST = "keep-waiting-list"
    """Put somebody on the waiting list, take them off, and accept or decline what they are offered."""
    ANSWER_SCREENING = "answer-screening"
    """Answer the health questions, or note what somebody answers who is asked aloud: whoever does sees what follows."""
    SCREEN_SELF = "screen-self"
    """Answer, as somebody who treats, the health questions about oneself."""
    SEE_OWN_DAY = "see-own-day"
    """See, as somebody who treats, one's own day, and keep a calendar feed of it."""
    DECIDE_ABSENCE = "decide-absence"
    """Enter or decline an absence that somebody's health answers suggest; not what they answered."""
    SEE_SCREENING = "see-screening"
    """What follows from somebody's answers; not what they answered."""
    READ_SCREENING_ANSWERS = "read-screening-answers"
    DECLINE_PRACTITIONER = "decline-practitioner"
    """Say, as the patient, that one would rather not see whom staff have put in."""
    CORRECT = "correct"
    REGISTER_PATIENT = "register-patient"
    SEARCH_PATIENTS = "search-patients"
    SEE_PATIENT = "see-patient"
    EDIT_PATIENT = "edit-patient"
    CORRECT_PATIENT = "correct-patient"
    """Correct who somebody is (name, birth date), and say which records are one person's."""
    SEE_MESSAGES = "see-messages"
    SEND_MESSAGE = "send-message"
    """Let a message to a patient go out once more, as it is true now."""
    CLOSE = "close"
    """Close a site or a therapy there, tell those whose appointments it touches, propose other times to them."""
    CALL = "call"
    """Call patients about their visits, and note that it is done."""
    SEE_FAMILY_BLOCKS = "see-family-blocks"
    """What programs keep for families: whose time, until when, how much of it is booked; not by whom."""
    KEEP_FAMILY_TIME = "keep-family-time"
    """Make, change and end blocks for families, keep one of their days longer, or open it to everybody."""
    RESERVE_SEATS = "reserve-seats"
    """Keep seats for families of a program's patients, say whose they are, and give them back."""
    SEE_REPORTS = "see-reports"
    """Measures of what was booked and how time was used: counts and shares, which name no patient."""
    SEE_ENROLMENTS = "see-enrolments"
    """In which programs somebody takes part, and until when."""
    ENROL = "enrol"
    """Enrol somebody in a program, say until when, and end it."""
    SEE_REFERRALS = "see-referrals"
    """Who sends a patient to a program, for how many appointments and until when."""
    ENTER_REFERRAL = "enter-referral"
    """Enter a referral that has come, which books what waits for it; withdraw one."""
    SEE_FAMILY_LINK = "see-family-link"
    """That two people are linked, and how that stands; nothing of what either has booked."""
    INVITE_FAMILY = "invite-family"
    """Invite a member of a patient's family, confirm who came, take it back, renew it."""
    CONFIRM_FAMILY = "confirm-family"
    """Confirm, as the patient, who has taken an invitation up."""
    RENEW_FAMILY = "renew-family"
    """Let a link last for another year, as one of the two or for them."""
    LEAVE_FAMILY_LINK = "leave-family-link"
    """End a link as the member of the family."""
    VOUCH_FOR_FAMILY = "vouch-for-family"
    """Stand for a member of a family in the patient's place, with a reason; keep a link after the patient's death."""
    SEE_MEETING_TIME = "see-meeting-time"
    """When and where somebody of one's family lets one come together with them; and what one offers oneself."""
    OFFER_MEETING_TIME = "offer-meeting-time"
    """Let one's family come at the time of an appointment of one's own, and take that back."""


class Scope(StrEnum):
    """How far a right reaches."""

    ALL = "all"
    OWN = "own"
    """The person's own record, or what they made themselves."""
    SITE = "site"
    """What belongs to a site where the role is held."""
    CALENDAR = "calendar"
    """What is in the practitioner's own calendar."""
    INSTALLATION = "installation"
    """Whoever holds the role for the whole installation, which is: without a site."""
    PROGRAM = "program"
    """Patients of a program at the sites where the role is held."""
    FAMILY = "family"
    """Those, and whoever of their families is linked with them, as long as the link is in force."""
    PAGES = "pages"
    """Through the pages, by the session or a link from a mail; never through the API."""


OF_PROGRAMS = (Scope.PROGRAM, Scope.FAMILY)
"""What reaches the patients of a program."""

COLUMNS = (
    Role.ANONYMOUS, Role.PATIENT, Role.PROXY, Role.SCHEDULER, Role.PRACTITIONER,
    Role.CLINICIAN, Role.PROGRAM, Role.ADMIN, Role.CLIENT, Role.AUDITOR,
)  # fmt: skip

# A proxy's "own" is the record they have themselves; grants by a patient come with family links.
TABLE = """
                     anonymous  patient  proxy  scheduler  practitioner  clinician  program  admin  client  auditor
see-service          all        all      all    all        all           all        all      all    all     all
see-self             -          all      all    all        all           all        all      all    all     all
revoke               -          own      own    own        own           own        own      own    own     own
see-free-times       all        all      all    all        all           all        all      all    all     all
see-catalogue        all        all      all    all        all           all        all      all    all     all
edit-catalogue       -          -        -      -          -             -          -        site   -       -
add-site             -          -        -      -          -             -          -        installation  -       -
see-policies         -          -        -      site       site          site       site     site   -       site
edit-policies        -          -        -      -          -             -          -        site   -       -
draft-signed-policies -         -        -      -          -             site       -        site   -       -
edit-policies-for-all  -        -        -      -          -             -          -        installation  -       -
approve-policy       -          -        -      -          -             site       -        -      -       -
edit-accounts        -          -        -      -          -             -          -        site   -       -
see-calendar         -          -        -      site       calendar      -          -        site   site    -
edit-calendar        -          -        -      site       calendar      -          -        site   site    -
hold                 pages      own      own    site       calendar      -          family   site   site    -
keep-hold            pages      own      own    own        own           -          own      own    own     -
book                 pages      own      own    site       calendar      -          family   site   site    -
book-together        -          -        -      site       -             -          family   site   site    -
see-linked           -          -        -      site       -             site       family   site   site    -
see-appointment      pages      own      own    site       calendar      site       family   site   site    site
see-therapy          -          own      own    site       calendar      site       family   -      -       -
see-details          -          -        -      site       calendar      site       family   -      -       -
write-note           -          -        -      site       calendar      site       program  -      -       -
see-names            -          own      own    site       calendar      site       family   site   site    -
see-changes          -          own      own    site       calendar      site       family   site   site    site
move                 pages      own      own    site       calendar      -          family   site   site    -
change-length        -          -        -      site       calendar      -          -        -      -       -
cancel               pages      own      own    site       calendar      -          family   site   site    -
undo                 pages      own      own    site       calendar      -          family   site   site    -
override-soft-rule   -          -        -      site       calendar      -          -        site   -       -
review               -          -        -      -          -             site       -        -      -       -
handle-papers        -          -        -      site       -             -          program  site   -       -
mark-attendance      -          -        -      site       calendar      -          -        site   -       -
admit-walk-in        -          -        -      site       -             -          -        -      -       -
see-waiting-list     pages      own      own    site       -             -          family   site   site    -
keep-waiting-list    pages      own      own    site       -             -          family   site   site    -
answer-screening     pages      own      own    site       calendar      site       -        -      -       -
screen-self          -          -        -      -          own           own        -        -      -       -
see-own-day          -          -        -      -          own           own        -        -      -       -
decide-absence       -          -        -      site       -             -          -        site   -       -
see-screening        pages      own      own    site       calendar      site       program  -      -       -
read-screening-answers  -       own      -      -          -             site       -        -      -       -
decline-practitioner pages      own      own    -          -             -          -        -      -       -
correct              -          -        -      site       -             -          -        site   -       -
register-patient     -          -        -      site       -             -          site     site   site    -
search-patients      -          -        -      site       calendar      -          family   -      -       -
see-patient          -          own      own    site       calendar      site       family   site   site    -
edit-patient         -          own      own    site       -             -          -        site   -       -
correct-patient      -          -        -      site       -             -          -        site   -       -
see-messages         -          -        -      site       -             -          -        site   -       site
send-message         -          -        -      site       -             -          -        site   -       -
close                -          -        -      site       -             -          -        site   -       -
call                 -          -        -      site       calendar      site       program  site   -       -
see-family-blocks    -          -        -      site       calendar      site       program  site   -       site
keep-family-time     -          -        -      site       -             -          program  site   -       -
reserve-seats        -          -        -      site       -             -          program  -      -       -
see-reports          -          -        -      site       -             -          program  site   -       -
see-enrolments       -          own      own    site       -             -          program  site   -       -
enrol                -          -        -      site       -             -          program  -      -       -
see-referrals        -          own      own    site       -             -          program  site   -       -
enter-referral       -          -        -      site       -             -          program  site   -       -
see-family-link      pages      own      own    site       -             -          program  -      -       -
invite-family        pages      own      own    site       -             -          program  -      -       -
confirm-family       pages      own      own    -          -             -          -        -      -       -
renew-family         pages      own      own    site       -             -          program  -      -       -
leave-family-link    pages      own      own    -          -             -          -        -      -       -
vouch-for-family     -          -        -      site       -             -          program  -      -       -
see-meeting-time     pages      own      own    -          -             -          -        -      -       -
offer-meeting-time   pages      own      own    -          -             -          -        -      -       -
"""


def _read(table: str) -> Mapping[Action, Mapping[Role, Scope]]:
    heading, *rows = (line.split() for line in table.strip().splitlines())
    if heading != list(COLUMNS):
        raise ValueError("The columns of the rights table are the roles, in their order.")
    return MappingProxyType({Action(action): _cells(cells) for action, *cells in rows})


def _cells(cells: list[str]) -> Mapping[Role, Scope]:
    reach = zip(COLUMNS, cells, strict=True)
    return MappingProxyType({role: Scope(cell) for role, cell in reach if cell != "-"})


# Read when the service starts: a slip in the table stops that, and no patient's request.
MATRIX = _read(TABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an act touches, as far as rights ask. `owner`, `practitioner`: user ids; `programs`: sites of enrolment.

    `sites`: where it happens or is known; `maker`: Principal.key of whoever made it; `families`: sites of enrolment of
    whom it touches the family.
    """

    sites: frozenset[int] = frozenset()
    owner: int | None = None
    practitioner: int | None = None
    programs: frozenset[int] = frozenset()
    families: frozenset[int] = frozenset()
    maker: str | None = None


def may_ever(principal: Principal, action: Action) -> bool:
    """Whether any role that `principal` holds has a cell for `action` beyond the pages."""
    cells = MATRIX[action]
    return any(_anywhere(cells.get(role, Scope.PAGES), site) for role, site in principal.roles)


def _anywhere(scope: Scope, site: int | None) -> bool:
    return site is None if scope is Scope.INSTALLATION else scope is not Scope.PAGES


def may(principal: Principal, action: Action, subject: Subject) -> bool:
    """Whether `principal` may do `action` to `subject`."""
    cells = MATRIX[action]
    return any(role in cells and _reaches(cells[role], site, principal, subject) for role, site in principal.roles)


def _reaches(scope: Scope, site: int | None, principal: Principal, subject: Subject) -> bool:
    mine, here = principal.user_id, not subject.sites or site in subject.sites
    found = {
        Scope.ALL: True,
        Scope.OWN: subject.maker == principal.key or (mine is not None and subject.owner == mine),
        Scope.SITE: site in subject.sites,
        Scope.CALENDAR: mine is not None and subject.practitioner == mine,
        Scope.PROGRAM: site in subject.programs and here,
        Scope.FAMILY: site in subject.programs | subject.families and here,
        Scope.INSTALLATION: site is None,
        Scope.PAGES: False,
    }
    return found[scope]


def acting(principal: Principal, action: Action) -> Principal:
    """Return `principal` with those roles alone that have a cell for `action`, and families where those reach them."""
    cells = MATRIX[action]
    held = frozenset(one for one in principal.roles if one[0] in cells)
    families = principal.families and Scope.FAMILY in cells.values()
    return replace(principal, roles=held, families=families)


def reaching(action: Action, *scopes: Scope) -> frozenset[Role]:
    """Return the roles whose right to `action` reaches as far as one of `scopes` says."""
    return frozenset(role for role, scope in MATRIX[action].items() if scope in scopes)


def sites_for(principal: Principal, action: Action) -> frozenset[int]:
    """Return the sites where `principal` may do `action` by a role that reaches a site or its program."""
    return principal.sites(*reaching(action, Scope.SITE, *OF_PROGRAMS))

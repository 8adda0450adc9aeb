"""What answers, and the places that people name beside them, are called."""

from django.utils.translation import gettext_lazy as _

ANSWERS = {
    "yes": _("Yes"),
    "maybe": _("Maybe"),
    "no": _("No"),
    "not_sure": _("Not sure"),
    "prefer_not_to_say": _("Rather not say"),
}
PLACES = {
    "head_neck": _("Head or neck"),
    "chest": _("Chest"),
    "back": _("Back"),
    "belly": _("Belly"),
    "left_arm": _("Left arm"),
    "right_arm": _("Right arm"),
    "left_leg": _("Left leg"),
    "right_leg": _("Right leg"),
}
"""In words; what a clinic's own questions name besides is shown as it is written."""

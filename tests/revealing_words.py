"""What mails and pages behind links keep to themselves: parts of words, in small letters."""

TELLING = (
    "acupunct",
    "acupress",
    "cupping",
    "moxi",
    "needle",
    "therap",
    "cancer",
    "oncolog",
    "tumor",
    "l.ac",
    "integrative",
)

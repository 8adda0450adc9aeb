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

HEALTH = (
    "covid",
    "flu ",
    " rsv",
    "fever",
    "chills",
    "cough",
    "throat",
    "vomit",
    "diarrh",
    "positive",
    "isolat",
    "immune",
    "symptom",
    "infect",
    "household",
    "temperature",
    "hospital",
)
"""What tells how somebody is, or what they were asked: no message says it, whatever they answered."""

"""The questions about a therapy, page by page, and what somebody can have instead."""

"""What an edit of calendars does to appointments: shown before it is saved, settled with it as one act, taken back."""

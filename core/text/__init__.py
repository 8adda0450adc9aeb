"""What people type and read: languages, one spelling for comparing, mail addresses, dates, calendar files."""

"""What a clinic brings along: tables of practitioners, hours, patients and appointments, looked at, then taken over."""

"""Ground: clock, refusals, people who sign in, rights, languages. Imports none of ours."""

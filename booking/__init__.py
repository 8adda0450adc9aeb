"""Promises: a person has an appointment."""

"""Showing that promises hold: an independent checker, real demand sent again, and benchmarks."""

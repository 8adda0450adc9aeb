"""Family time at the desk: blocks, seats, links, programs, several people who come together."""

"""The day board: a site's day by practitioner or by place, its weeks and months."""

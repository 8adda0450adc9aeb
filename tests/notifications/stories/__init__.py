"""Several people act one after the other, page by page: gone for each change."""

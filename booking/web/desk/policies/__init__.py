"""The policies of a site: in force, coming, drafted."""

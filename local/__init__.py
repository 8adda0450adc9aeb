"""Starting Meridian on one machine: packages, database, queue, the service's processes, and the commands about them."""

"""The demo clinic: invented people, rooms and demand of a real clinic's shape."""

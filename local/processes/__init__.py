"""The service's own processes, here and in containers alike: web, worker and beat, and how one sees that they live."""

"""What manage.py does itself. Each module: `check(arguments)` refuses early, `main(arguments)` does it.

Nothing here imports Django at its top: these run before the packages are there, or without them.
"""

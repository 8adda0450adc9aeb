"""PostgreSQL as Django's engine has it, but for one thing: no call waits long for a database that hangs."""

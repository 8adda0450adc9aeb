-- How the sessions of the two roles behave. Set at the role, because start-up parameters do not pass PgBouncer.
-- The same file serves the embedded server and the container's.
ALTER ROLE meridian_owner SET timezone = 'UTC';
ALTER ROLE meridian_owner SET lock_timeout = '10s';
ALTER ROLE meridian_owner SET idle_in_transaction_session_timeout = '10min';
ALTER ROLE meridian_app SET timezone = 'UTC';
ALTER ROLE meridian_app SET default_transaction_isolation = 'read committed';
ALTER ROLE meridian_app SET lock_timeout = '2s';
ALTER ROLE meridian_app SET statement_timeout = '5s';
ALTER ROLE meridian_app SET idle_in_transaction_session_timeout = '30s';
-- The owner may act as the service does: this is how tests see what the service may not do.
GRANT meridian_app TO meridian_owner;
REVOKE CONNECT ON DATABASE meridian FROM PUBLIC;
GRANT CONNECT ON DATABASE meridian TO meridian_owner, meridian_app;

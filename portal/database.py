"""Roles, schemas and rights of the portal's database: what a superuser does once, before `migrate`
(docs/adr/0003-database-roles.md)."""

from collections.abc import Mapping

import psycopg
from psycopg import sql

# role -> why it exists
ROLES = {
    "portal_owner": "owns the tables; migrations only",
    "portal_app": "web and workers; owns nothing, walled by tenant",
    "portal_apps_ddl": "makes and alters tables of live apps in schema apps",
    "portal_sweeper": "timers and outbox across tenants",
    "portal_sequencer": "numbers and indexes the record",
    "portal_backup": "reads everything for pg_dump, which row-level security would stop",
}

_RIGHTS = """
REVOKE ALL ON SCHEMA public FROM PUBLIC;
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT ON DATABASE {database} TO portal_owner, portal_app, portal_apps_ddl, portal_sweeper,
    portal_sequencer, portal_backup;
CREATE SCHEMA IF NOT EXISTS ledger AUTHORIZATION portal_owner;
CREATE SCHEMA IF NOT EXISTS apps AUTHORIZATION portal_apps_ddl;
GRANT USAGE, CREATE ON SCHEMA public TO portal_owner;
GRANT USAGE ON SCHEMA public TO portal_app, portal_apps_ddl, portal_sweeper, portal_sequencer;
GRANT USAGE ON SCHEMA ledger TO portal_app, portal_sweeper, portal_sequencer;
GRANT USAGE ON SCHEMA apps TO portal_app;
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portal_app;
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO portal_app;
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner IN SCHEMA public
    GRANT SELECT ON TABLES TO portal_sweeper;
ALTER DEFAULT PRIVILEGES FOR ROLE portal_apps_ddl IN SCHEMA apps
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO portal_app;
ALTER DEFAULT PRIVILEGES FOR ROLE portal_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
GRANT pg_read_all_data TO portal_backup;
"""


def create(superuser_url: str, database: str, passwords: Mapping[str, str] | None = None) -> None:
    """Make roles, database and schemas as far as they are missing; run again, it changes nothing.

    `superuser_url` names any database of the server; `passwords` gives a password by role name.

    Raises:
        psycopg.Error: the server is away, or the login is no superuser.
    """
    with psycopg.connect(superuser_url, autocommit=True) as server:
        for role in ROLES:
            _ensure_role(server, role, (passwords or {}).get(role))
        exists = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        if exists.fetchone() is None:
            server.execute(sql.SQL("CREATE DATABASE {} OWNER portal_owner").format(sql.Identifier(database)))
    with psycopg.connect(superuser_url, dbname=database) as connection:
        connection.execute(sql.SQL(_RIGHTS).format(database=sql.Identifier(database)))


def _ensure_role(server: psycopg.Connection, role: str, password: str | None) -> None:
    name = sql.Identifier(role)
    if server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is None:
        server.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
    bypass = sql.SQL("BYPASSRLS" if role == "portal_backup" else "NOBYPASSRLS")
    server.execute(sql.SQL("ALTER ROLE {} NOSUPERUSER NOCREATEROLE {}").format(name, bypass))
    if password:
        server.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(name, sql.Literal(password)))

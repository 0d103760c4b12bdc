"""Row-level security as a migration operation, in the same migration that makes the table (M1)."""

from django.db import migrations

TENANT = "nullif(current_setting('app.tenant', true), '')::uuid"


class Wall(migrations.RunSQL):
    """Show and take only rows of the transaction's tenant, on every role, the owner included.

    `sweeper=True` lets the role portal_sweeper (timers and outbox, across tenants) see and change all
    rows of the table; give it to those tables alone.
    """

    def __init__(self, table: str, *, sweeper: bool = False) -> None:
        self.table = table
        self.sweeper = sweeper
        sql = f"""
            ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
            ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
            CREATE POLICY tenant_wall ON {table}
                USING (tenant_id = {TENANT}) WITH CHECK (tenant_id = {TENANT});
        """
        undo = f"""
            DROP POLICY tenant_wall ON {table};
            ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
            ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
        """
        if sweeper:
            sql += f"""
                GRANT SELECT, INSERT, UPDATE ON {table} TO portal_sweeper;
                CREATE POLICY sweeper ON {table} TO portal_sweeper USING (true) WITH CHECK (true);
            """
            undo = f"DROP POLICY sweeper ON {table};" + undo
        super().__init__(sql, undo)

    def deconstruct(self) -> tuple[str, list[object], dict[str, object]]:
        return self.__class__.__qualname__, [self.table], {"sweeper": self.sweeper}

    def describe(self) -> str:
        return f"Tenant wall on {self.table}"

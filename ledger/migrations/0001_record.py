"""The record itself. Final from the start: later work adds checkpoints and sinks beside these tables.

Measured and explained in docs/adr/0004-event-table.md. In short:
- `id`, `xid` and `at` are set by the database, the application may hand over the body and nothing else;
- `ledger.append` is the only writer; UPDATE, DELETE and TRUNCATE are refused by statement triggers,
  since under row-level security a row trigger would never see the row and nothing would be said;
- partitions are by month of the time-ordered id; their TRUNCATE triggers are made with them.
"""

from django.db import migrations, models

RECORD = """
CREATE TABLE ledger.event (
    id   uuid        NOT NULL DEFAULT uuidv7() PRIMARY KEY,
    xid  xid8        NOT NULL DEFAULT pg_current_xact_id(),
    at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    body text        NOT NULL CHECK (octet_length(body) <= 65535)
) PARTITION BY RANGE (id);
CREATE INDEX event_xid ON ledger.event (xid);

CREATE FUNCTION ledger.refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the record is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.event
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse();

-- the least uuidv7 of a moment: its first 48 bits are milliseconds since 1970 (RFC 9562 section 5.7)
CREATE FUNCTION ledger.floor_id(moment timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM moment) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

CREATE FUNCTION ledger.ensure_partitions(months_ahead int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    first timestamptz; made int := 0; part text;
BEGIN
    FOR n IN 0..months_ahead LOOP
        first := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n)) AT TIME ZONE 'UTC';
        part := 'event_' || to_char(first AT TIME ZONE 'UTC', 'YYYY_MM');
        IF to_regclass('ledger.' || part) IS NULL THEN
            EXECUTE format('CREATE TABLE ledger.%I PARTITION OF ledger.event FOR VALUES FROM (%L) TO (%L)',
                part, ledger.floor_id(first), ledger.floor_id(
                    ((first AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC'));
            EXECUTE format('CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.%I '
                'FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse()', part);
            EXECUTE format('ALTER TABLE ledger.%I ENABLE ROW LEVEL SECURITY', part);
            EXECUTE format('ALTER TABLE ledger.%I FORCE ROW LEVEL SECURITY', part);
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END $$;
SELECT ledger.ensure_partitions(12);

CREATE FUNCTION ledger.append(body text) RETURNS uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO ledger.event (body) VALUES (body) RETURNING id
$$;

CREATE TABLE ledger.log_state (
    source text        PRIMARY KEY,
    size   bigint      NOT NULL CHECK (size >= 0),
    snap   pg_snapshot NOT NULL,
    at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO ledger.log_state (source, size, snap) VALUES ('main', 0, '1:1:');

CREATE TABLE ledger.leaf (
    idx      bigint PRIMARY KEY,
    event_id uuid   NOT NULL UNIQUE,
    hash     bytea  NOT NULL CHECK (octet_length(hash) = 32)
);

CREATE TABLE ledger.event_index (
    idx bigint PRIMARY KEY, event_id uuid NOT NULL UNIQUE, at timestamptz NOT NULL, kind text NOT NULL,
    tenant uuid, actor uuid, person uuid, app uuid, dataset uuid, decision uuid, object text
);
CREATE INDEX event_index_tenant ON ledger.event_index (tenant, idx DESC);
CREATE INDEX event_index_app ON ledger.event_index (app, idx DESC) WHERE app IS NOT NULL;
CREATE INDEX event_index_actor ON ledger.event_index (actor, idx DESC) WHERE actor IS NOT NULL;
CREATE INDEX event_index_person ON ledger.event_index (person, idx DESC) WHERE person IS NOT NULL;
CREATE INDEX event_index_dataset ON ledger.event_index (dataset, idx DESC) WHERE dataset IS NOT NULL;
CREATE INDEX event_index_decision ON ledger.event_index (decision) WHERE decision IS NOT NULL;
CREATE INDEX event_index_object ON ledger.event_index (object, idx DESC) WHERE object IS NOT NULL;
CREATE INDEX event_index_kind ON ledger.event_index (tenant, kind, idx DESC);

CREATE TABLE ledger.event_tag (
    idx bigint NOT NULL REFERENCES ledger.event_index (idx), tag text NOT NULL, tenant uuid,
    PRIMARY KEY (idx, tag)
);
CREATE INDEX event_tag_find ON ledger.event_tag (tenant, tag, idx DESC);
"""

RIGHTS = """
ALTER TABLE ledger.event       ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.event       FORCE  ROW LEVEL SECURITY;
ALTER TABLE ledger.event_index ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.event_index FORCE  ROW LEVEL SECURITY;
ALTER TABLE ledger.event_tag   ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.event_tag   FORCE  ROW LEVEL SECURITY;

CREATE POLICY tenant_wall ON ledger.event_index FOR SELECT TO portal_app
    USING (tenant = nullif(current_setting('app.tenant', true), '')::uuid);
CREATE POLICY tenant_wall ON ledger.event_tag FOR SELECT TO portal_app
    USING (tenant = nullif(current_setting('app.tenant', true), '')::uuid);
-- a body is seen by whoever sees its index row
CREATE POLICY tenant_wall ON ledger.event FOR SELECT TO portal_app
    USING (EXISTS (SELECT 1 FROM ledger.event_index i WHERE i.event_id = event.id));
-- INSERT … RETURNING inside ledger.append runs as the owner, who is walled as well
CREATE POLICY append ON ledger.event FOR INSERT TO portal_owner WITH CHECK (true);
CREATE POLICY appended ON ledger.event FOR SELECT TO portal_owner USING (true);
CREATE POLICY sequence ON ledger.event       FOR SELECT TO portal_sequencer USING (true);
CREATE POLICY sequence ON ledger.event_index FOR ALL TO portal_sequencer USING (true) WITH CHECK (true);
CREATE POLICY sequence ON ledger.event_tag   FOR ALL TO portal_sequencer USING (true) WITH CHECK (true);

REVOKE ALL ON ALL TABLES IN SCHEMA ledger FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.append(text) TO portal_app, portal_sweeper;
GRANT EXECUTE ON FUNCTION ledger.ensure_partitions(int) TO portal_sequencer;
GRANT EXECUTE ON FUNCTION ledger.floor_id(timestamptz) TO portal_sequencer;
GRANT SELECT ON ledger.event, ledger.event_index, ledger.event_tag TO portal_app;
GRANT SELECT ON ledger.log_state TO portal_app;
GRANT SELECT ON ledger.event TO portal_sequencer;
GRANT SELECT, INSERT ON ledger.leaf, ledger.event_index, ledger.event_tag TO portal_sequencer;
GRANT SELECT, UPDATE ON ledger.log_state TO portal_sequencer;
"""

UNDO = """
DROP TABLE ledger.event_tag, ledger.event_index, ledger.leaf, ledger.log_state, ledger.event;
DROP FUNCTION ledger.append(text), ledger.ensure_partitions(int), ledger.floor_id(timestamptz), ledger.refuse();
"""

UUID = models.UUIDField(null=True)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(RECORD + RIGHTS, UNDO),
        migrations.CreateModel(
            "EventIndex",
            [
                ("idx", models.BigIntegerField(primary_key=True, serialize=False)),
                ("event_id", models.UUIDField()),
                ("at", models.DateTimeField()),
                ("kind", models.TextField()),
                ("tenant", UUID.clone()),
                ("actor", UUID.clone()),
                ("person", UUID.clone()),
                ("app", UUID.clone()),
                ("dataset", UUID.clone()),
                ("decision", UUID.clone()),
                ("object", models.TextField(null=True)),
            ],
            options={"managed": False, "db_table": 'ledger"."event_index'},
        ),
        migrations.CreateModel(
            "StoredEvent",
            [
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("body", models.TextField()),
            ],
            options={"managed": False, "db_table": 'ledger"."event'},
        ),
        migrations.CreateModel(
            "EventTag",
            [
                ("idx", models.BigIntegerField(primary_key=True, serialize=False)),
                ("tag", models.TextField()),
                ("tenant", UUID.clone()),
            ],
            options={"managed": False, "db_table": 'ledger"."event_tag'},
        ),
    ]

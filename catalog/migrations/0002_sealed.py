"""Which fields a version stores encrypted is kept with it, and never changes once it was live."""

from django.db import migrations, models

# For versions from before: as their tables have it, else as the class said until now.
FILL = """
DO $$
DECLARE one uuid;
BEGIN
    FOR one IN SELECT id FROM identity_tenant LOOP
        PERFORM set_config('app.tenant', one::text, true);
        UPDATE catalog_appversion v SET sealed = (
            SELECT coalesce(jsonb_agg(field->>'id'), '[]')
            FROM jsonb_path_query(v.manifest::jsonb, '$.datasets[*].fields[*]') field
            WHERE coalesce(
                (SELECT bool_or(a.atttypid = 'bytea'::regtype) FROM pg_attribute a
                 JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = 'apps' AND a.attname = field->>'id' AND NOT a.attisdropped),
                (SELECT l.protected FROM datacatalog_classification l
                 WHERE l.tenant_id = v.tenant_id AND l.code = field->>'classification'),
                true)
        ) WHERE v.live_at IS NOT NULL OR v.state = 'launching';
    END LOOP;
    PERFORM set_config('app.tenant', '', true);
END $$;
"""
FROZEN = """
CREATE FUNCTION catalog_version_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'how version % is stored cannot change', OLD.number
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER sealed BEFORE UPDATE ON catalog_appversion FOR EACH ROW
    WHEN (OLD.live_at IS NOT NULL AND NEW.sealed IS DISTINCT FROM OLD.sealed)
    EXECUTE FUNCTION catalog_version_sealed();
"""
UNDO = """
DROP TRIGGER sealed ON catalog_appversion;
DROP FUNCTION catalog_version_sealed();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_apps"), ("datacatalog", "0001_initial")]

    operations = [
        migrations.AddField("appversion", "sealed", models.JSONField(null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="appversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["launching", "live", "replaced"]), _negated=True),
                    ("sealed__isnull", False),
                    _connector="OR",
                ),
                name="version_sealed",
            ),
        ),
        migrations.RunSQL(FROZEN, UNDO),
    ]

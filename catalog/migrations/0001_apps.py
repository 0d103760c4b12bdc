"""Apps, versions, drafts; versions are immutable from the first on."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import identity.tenancy
from identity.walls import Wall

# What was submitted is what people decide on: it never changes, not even for the owner of the table.
# The state and the story around it (launch, request, failure) do.
IMMUTABLE = """
CREATE FUNCTION catalog_version_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'versions of apps are kept' USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF ROW(NEW.id, NEW.tenant_id, NEW.app_id, NEW.number, NEW.manifest, NEW.digest, NEW.template_id,
           NEW.template_version, NEW.template_kept, NEW.created_by_id, NEW.created_at)
       IS DISTINCT FROM
       ROW(OLD.id, OLD.tenant_id, OLD.app_id, OLD.number, OLD.manifest, OLD.digest, OLD.template_id,
           OLD.template_version, OLD.template_kept, OLD.created_by_id, OLD.created_at) THEN
        RAISE EXCEPTION 'what was submitted in version % cannot change', OLD.number
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON catalog_appversion
    FOR EACH ROW EXECUTE FUNCTION catalog_version_immutable();
-- the digest is of this very text: nobody can store one and show the other
ALTER TABLE catalog_appversion ADD CONSTRAINT version_digest_of_manifest
    CHECK (digest = encode(sha256(convert_to(manifest, 'UTF8')), 'hex'));
REVOKE DELETE ON catalog_appversion FROM portal_app;
"""
UNDO = """
ALTER TABLE catalog_appversion DROP CONSTRAINT version_digest_of_manifest;
DROP TRIGGER immutable ON catalog_appversion;
DROP FUNCTION catalog_version_immutable();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("identity", "0001_directory"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="App",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=identity.tenancy.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("slug", models.SlugField(max_length=60, verbose_name="address")),
                ("title", models.CharField(max_length=120, verbose_name="title")),
                ("unit", models.CharField(blank=True, max_length=200, verbose_name="unit")),
                ("region", models.CharField(max_length=40, verbose_name="hosting region")),
                (
                    "state",
                    models.CharField(
                        choices=[("new", "Not live yet"), ("live", "Live"), ("retired", "Retired")],
                        default="new",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("database", models.CharField(default="default", max_length=40)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("live_at", models.DateTimeField(null=True)),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owned_apps",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "retired_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "app",
                "ordering": ["title", "id"],
            },
        ),
        migrations.CreateModel(
            name="AppVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=identity.tenancy.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="version")),
                ("manifest", models.TextField()),
                ("digest", models.CharField(max_length=64)),
                ("template_id", models.CharField(max_length=60)),
                ("template_version", models.CharField(max_length=40)),
                ("template_kept", models.BooleanField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("submitted", "Waiting for approval"),
                            ("changes", "Changes asked for"),
                            ("launching", "Going live"),
                            ("live", "Live"),
                            ("replaced", "Replaced"),
                            ("refused", "Refused"),
                            ("withdrawn", "Withdrawn"),
                            ("failed", "Could not go live"),
                        ],
                        default="submitted",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("decision", models.UUIDField(null=True)),
                ("request", models.UUIDField(null=True)),
                ("launching_at", models.DateTimeField(null=True)),
                ("launch_tries", models.PositiveSmallIntegerField(default=0)),
                ("live_at", models.DateTimeField(null=True)),
                ("failure", models.CharField(blank=True, max_length=500)),
                (
                    "app",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="catalog.app"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.tenant",
                    ),
                ),
            ],
            options={
                "verbose_name": "version",
                "ordering": ["-number"],
            },
        ),
        migrations.AddField(
            model_name="app",
            name="live_version",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="catalog.appversion",
            ),
        ),
        migrations.CreateModel(
            name="CoOwner",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=identity.tenancy.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("added_at", models.DateTimeField(auto_now_add=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "app",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="co_ownerships",
                        to="catalog.app",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.tenant",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="co_ownerships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="app",
            name="co_owners",
            field=models.ManyToManyField(
                related_name="+",
                through="catalog.CoOwner",
                through_fields=("app", "user"),
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=identity.tenancy.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("template_id", models.CharField(max_length=60)),
                ("app_id", models.UUIDField(default=identity.tenancy.uuid7, editable=False)),
                ("title", models.CharField(blank=True, max_length=120, verbose_name="title")),
                ("content", models.JSONField()),
                ("step", models.CharField(default="purpose", max_length=20)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Draft"), ("submitted", "Submitted")], default="open", max_length=12
                    ),
                ),
                ("revision", models.PositiveIntegerField(default=1)),
                ("editor", models.UUIDField(default=uuid.uuid4)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "base",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.appversion",
                    ),
                ),
                (
                    "builder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="drafts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.tenant",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.appversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "draft",
                "ordering": ["-changed_at"],
            },
        ),
        migrations.AddIndex(
            model_name="appversion",
            index=models.Index(
                condition=models.Q(("state", "launching")), fields=["launching_at"], name="version_launching"
            ),
        ),
        migrations.AddConstraint(
            model_name="appversion",
            constraint=models.UniqueConstraint(fields=("app", "number"), name="version_number"),
        ),
        migrations.AddConstraint(
            model_name="appversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "submitted",
                            "changes",
                            "launching",
                            "live",
                            "replaced",
                            "refused",
                            "withdrawn",
                            "failed",
                        ],
                    )
                ),
                name="version_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="appversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")), name="version_digest"
            ),
        ),
        migrations.AddConstraint(
            model_name="appversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "launching"), _negated=True),
                    ("launching_at__isnull", False),
                    _connector="OR",
                ),
                name="version_launching_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="appversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["live", "replaced"]), _negated=True),
                    ("live_at__isnull", False),
                    _connector="OR",
                ),
                name="version_live_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="appversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["changes", "submitted"])),
                fields=("app",),
                name="version_one_pending",
            ),
        ),
        migrations.AddConstraint(
            model_name="appversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "launching")), fields=("app",), name="version_one_launching"
            ),
        ),
        migrations.AddConstraint(
            model_name="appversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "live")), fields=("app",), name="version_one_live"
            ),
        ),
        migrations.AddConstraint(
            model_name="coowner",
            constraint=models.UniqueConstraint(fields=("app", "user"), name="co_owner_once"),
        ),
        migrations.AddIndex(
            model_name="app",
            index=models.Index(fields=["owner", "title"], name="app_by_owner"),
        ),
        migrations.AddConstraint(
            model_name="app",
            constraint=models.UniqueConstraint(fields=("tenant", "slug"), name="app_slug"),
        ),
        migrations.AddConstraint(
            model_name="app",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["new", "live", "retired"])), name="app_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="app",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("live_at__isnull", False), ("live_version__isnull", False), ("state", "live")),
                    models.Q(models.Q(("state", "live"), _negated=True), ("live_version__isnull", True)),
                    _connector="OR",
                ),
                name="app_live_pointer",
            ),
        ),
        migrations.AddConstraint(
            model_name="app",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("retired_at__isnull", False), ("state", "retired")),
                    models.Q(
                        models.Q(("state", "retired"), _negated=True),
                        ("retired_at__isnull", True),
                        ("retired_by__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="app_retired_at_by",
            ),
        ),
        migrations.AddIndex(
            model_name="draft",
            index=models.Index(fields=["builder", "-changed_at"], name="draft_by_builder"),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.UniqueConstraint(fields=("app_id",), name="draft_one_an_app"),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "submitted"])), name="draft_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="draft",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "submitted"), _negated=True),
                    ("version__isnull", False),
                    _connector="OR",
                ),
                name="draft_submitted_version",
            ),
        ),
        migrations.RunSQL(IMMUTABLE, UNDO),
        Wall("catalog_app"),
        Wall("catalog_appversion", sweeper=True),
        Wall("catalog_coowner"),
        Wall("catalog_draft"),
    ]

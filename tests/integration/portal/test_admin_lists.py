"""No list of the admin asks more queries for a thousand rows than for ten, whatever it lists."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from identity.models import Group, RoleGrant
from identity.tenancy import tenant_scope, uuid7
from policy.models import ThresholdSet
from tests.database import empty
from tests.scene import Scene, make_scene, sign_in
from vault.models import TenantKey

# of thresholds a tenant has one set: no list, but a way to its page
LISTED = sorted(set(admin.site._registry) - {ThresholdSet}, key=lambda model: model._meta.label_lower)


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    with django_db_blocker.unblock():
        try:
            yield make_scene()
        finally:
            empty()


@pytest.mark.parametrize("model", LISTED, ids=lambda model: model._meta.label_lower)
def test_ten_rows_or_a_thousand(scene: Scene, model: type[models.Model]) -> None:
    client = Client()
    sign_in(client, scene.cast.ada)
    path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    with tenant_scope(scene.cast.tenant.pk):
        add(model, scene, 10)
    few = queries(client, path)
    with tenant_scope(scene.cast.tenant.pk):
        add(model, scene, 990)
    assert queries(client, path) == few


def queries(client: Client, path: str) -> int:
    client.get(path)  # what is asked once a process is asked here
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(path)
    assert answer.status_code == 200
    assert b"result_list" in answer.content
    return len(asked)


def add(model: type[models.Model], scene: Scene, number: int) -> None:
    """More rows like the one that the scene made."""
    kept = [row for row in model._default_manager.all()[:50] if belongs(row, scene)]
    assert kept, f"tests/scene.py makes no {model._meta.label}"
    model._default_manager.bulk_create(another(kept[0], scene) for _row in range(number))


def belongs(row: Any, scene: Scene) -> bool:
    return getattr(row, "tenant_id", scene.cast.tenant.pk) == scene.cast.tenant.pk


def another(row: models.Model, scene: Scene) -> models.Model:
    """A copy that differs wherever the database wants it to."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    values["id"] = uuid7()
    for field in unique_fields(row):
        if isinstance(field, models.CharField) and not field.choices:
            values[field.attname] = str(uuid7()).replace("-", "")[-(field.max_length or 32) :]
        elif isinstance(field, models.IntegerField):
            values[field.attname] = uuid7().int % 2_000_000_000
    if isinstance(row, TenantKey):
        values |= {"state": "retired", "retired_at": timezone.now()}
    if isinstance(row, RoleGrant):
        values["group_id"] = Group.objects.create(tenant=scene.cast.tenant, name=str(uuid7())).pk
    return type(row)(**values)


def unique_fields(row: models.Model) -> "set[models.Field[Any, Any]]":
    named: set[str] = set()
    concrete = row._meta.concrete_model
    assert concrete
    for one in concrete._meta.constraints:  # a proxy has its table's
        if isinstance(one, models.UniqueConstraint):
            inner = [part for each in one.expressions for part in getattr(each, "source_expressions", ())]
            named |= {part.name for part in [*one.expressions, *inner] if isinstance(part, models.F)}
            named |= set(one.fields)
    unique = {field for field in row._meta.concrete_fields if field.unique or field.name in named}
    return unique - {row._meta.pk}

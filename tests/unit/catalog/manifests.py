"""Manifests for tests: one by hand, and any that the format allows."""

import dataclasses

from hypothesis import strategies as st

from catalog import manifest as m

LEADS = """\
apiVersion: microapps/v1
kind: App
metadata:
  name: spring-event-leads
  title: Spring event leads
  purpose: Follow up people we met
  owner: 0190a000-0000-7000-8000-000000000001
  unit: Marketing
template: {id: marketing-lead-capture, version: 1.0.0}
hosting: {region: eu}
identity: {provider: sso, groups: [Marketing]}
datasets:
  - key: leads
    title: Leads
    region: eu
    fields:
      - id: f_0email000
        name: work_email
        label: Work email
        type: email
        required: true
        classification: pii
        residency: eu
        purpose: Contact the lead
        retention_days: 365
      - {id: f_0company0, name: company, label: Company, type: text, classification: internal, residency: eu}
      - {id: f_0source00, name: source, label: Source, type: choice, options: [Fair, Web]}
connectors: [{id: crm, operations: [lead.create]}]
roles:
  - {key: member, title: Member, groups: [Marketing], permissions: [record.create, record.list]}
pages:
  - {kind: form, dataset: leads, title: New lead, fields: [f_0email000, f_0company0]}
  - {kind: dashboard, dataset: leads, title: Overview, charts: [{field: f_0source00}]}
guardrails: {exports_per_day: 20}
locked: [identity, connectors, guardrails]
"""


def leads() -> m.Manifest:
    return m.parse(LEADS)


def with_field(manifest: m.Manifest, number: int, **changes: object) -> m.Manifest:
    """`manifest` with one field of its first dataset changed."""
    dataset = manifest.datasets[0]
    fields = list(dataset.fields)
    fields[number] = dataclasses.replace(fields[number], **changes)
    changed = dataclasses.replace(dataset, fields=tuple(fields))
    return dataclasses.replace(manifest, datasets=(changed, *manifest.datasets[1:]))


characters = st.characters(exclude_categories=("Cc", "Cs"))
line = st.text(characters, min_size=1, max_size=120).filter(lambda text: text.strip())
prose = st.text(st.one_of(characters, st.just("\n")), max_size=200)
key = st.from_regex(r"\A[a-z][a-z0-9_]{0,12}\Z")
slug = st.from_regex(r"\A[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,5}){0,3}\Z")
operation = st.from_regex(r"\A[a-z]{1,8}\.[a-z]{1,8}\Z")
groups = st.lists(line, max_size=3, unique=True).map(tuple)


@st.composite
def fields(draw: st.DrawFn, number: int) -> m.Field:
    kind = draw(st.sampled_from([*m.FieldType])).value
    options = draw(st.lists(line, min_size=2, max_size=4, unique=True)) if kind == "choice" else []
    return m.Field(
        id=f"f_{number:08d}",
        name=f"{draw(key)}_{number}",
        label=draw(line),
        type=kind,
        required=draw(st.booleans()),
        classification=draw(st.sampled_from(["", "public", "pii"])),
        residency=draw(st.sampled_from(["", "eu"])),
        purpose=draw(prose),
        retention_days=draw(st.none() | st.integers(1, 36525)),
        options=tuple(options),
        source=draw(st.none() | st.builds(m.Source, line, line)),
        suggestion=draw(st.none() | st.builds(m.Suggestion, key, prose)),
        downgrade_reason=draw(prose),
    )


@st.composite
def connectors(draw: st.DrawFn, name: str) -> m.Connector:
    operations = tuple(draw(st.lists(operation, min_size=1, max_size=3, unique=True)))
    limits = st.builds(
        m.OperationGuardrails,
        operation=st.just(operations[0]),
        access=st.sampled_from(["read", "write"]),
        roles=st.sampled_from([(), ("member",)]),
        per_hour=st.none() | st.integers(0, 100_000),
        hours=st.sampled_from(["", "08:00-18:00", "22:30-06:00", "00:00-24:00"]),
        days=st.lists(st.sampled_from(["mon", "sun"]), unique=True).map(tuple),
        step_up=st.booleans(),
        ticket=st.booleans(),
    )
    return m.Connector(
        id=name,
        operations=operations,
        region=draw(st.sampled_from(["", "eu"])),
        scope=tuple(draw(st.lists(st.sampled_from(["vm-1", "zone/a:b@c"]), unique=True))),
        guardrails=draw(st.lists(limits, max_size=1).map(tuple)),
    )


@st.composite
def manifests(draw: st.DrawFn) -> m.Manifest:
    """Any manifest that `check` accepts."""
    datasets = []
    for number in range(draw(st.integers(0, 2))):
        made = tuple(draw(fields(number * 10 + index)) for index in range(draw(st.integers(0, 4))))
        datasets.append(m.Dataset(f"d{number}", draw(line), draw(key), made))
    admitted = draw(groups)
    pages = [m.Page("list", one.key, draw(line), tuple(field.id for field in one.fields)) for one in datasets]
    return m.Manifest(
        metadata=m.Metadata(draw(slug), draw(line), draw(prose), draw(prose), draw(line), draw(line)),
        template=m.TemplateRef(draw(slug), "1.2.3"),
        hosting=m.Hosting(draw(key)),
        identity=m.Identity(groups=admitted),
        datasets=tuple(datasets),
        connectors=tuple(draw(connectors(name)) for name in draw(st.lists(key, max_size=2, unique=True))),
        roles=(m.AppRole("member", draw(line), admitted, ("record.list",)),),
        pages=tuple(pages),
        guardrails=m.Guardrails(draw(st.none() | st.integers(0, 10000))),
        locked=tuple(draw(st.lists(st.sampled_from(["identity", "guardrails"]), unique=True))),
    )

"""Inputs as they come in life, with some of the worst mixed in. The same seed makes the same inputs.

Most apps are nearly right, since people mend what the wizard marks; hostile strings stand wherever a
person or another system can put one.
"""

import random
import string

from policy.inputs import (
    AccessRuleFacts,
    Action,
    AppFacts,
    AppRoleFacts,
    Approval,
    CallFacts,
    ClockFacts,
    ConnectorFacts,
    Context,
    DatasetFacts,
    Document,
    ExceptionFacts,
    FieldFacts,
    OperationFacts,
    Resource,
    SessionFacts,
    Subject,
    Target,
    ThresholdFacts,
    to_document,
)

TENANTS = ["t-contoso", "t-northwind"]
PEOPLE = [f"u-{n}" for n in range(6)]
GROUPS = ["Marketing", "Builders", "Sales EU", "Größe & Söhne"]
REGIONS = [("eu", "eu", False), ("us", "us", False), ("apac", "sg", False), ("eu-gov", "eu", True)]
OPERATIONS = {"lead.create": "write", "account.lookup": "read", "vm.stop": "write"}
DAYS = ["mon", "tue", "wed", "sat"]
CLASSES = [
    ("public", 0, False),
    ("internal", 1, False),
    ("internal", 1, False),
    ("confidential", 2, False),
    ("pii", 3, True),
    ("pii", 3, True),
    ("special", 4, True),
    ("card", 4, False),
    ("credential", 5, False),
    ("", 0, False),
]
PERMISSIONS = [
    action.value for action in Action if "." in action and not action.startswith(("app", "admin", "subject"))
]
WAIVED = [
    "connector.cross_border", "connector.cross_border",
    "residency.cross_region_export", "residency.cross_region_export", "retention.bounds", "downgrade.reason",
    "connector.least_privilege", "access.tenant", "access.app_role", "approval.tier",
]  # fmt: skip
HOSTILE = [
    '"', "\\", "\n", "\r\n\t", "\x00", "\x7f", 'a"b', "a\\b", "a\\", '\\"', "\\u0041", "~x41", "~x", "~", "é",
    "𝄞", "\u202eabc", "%q", "%s%d", "{{x}}", "'; DROP TABLE app; --", "../..", "true", "null", "1", " ",
    "data.portal", "input", "eu ", "EU", "pii\u200b", "f_1\n", "record.list\x00", "x" * 3000,
]  # fmt: skip


class Inputs:
    """A source of input documents."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - it has to be the same again

    def next(self) -> Document:
        """One more input."""
        r = self._random
        action = r.choice(list(Action)).value if r.random() > 0.02 else self._hostile()
        tenant = r.choice(TENANTS)
        app = self._app(tenant) if r.random() > 0.03 else None
        person = self._one_of(PEOPLE)
        subject = Subject(
            id=person,
            tenant=tenant if r.random() > 0.03 else self._one_of(TENANTS),
            roles=frozenset(self._some(["builder", "reviewer", "admin", "security", "end_user"], 0.6)),
            groups=frozenset(self._some(GROUPS, 0.6)),
            active=r.random() > 0.03,
        )
        dataset = None
        call = self._call(app) if r.random() < (0.97 if action == "connector.call" else 0.03) else None
        if app and not action.startswith("app.") and not (call and r.random() < 0.3):
            dataset = r.choice(app.datasets).key if app.datasets and r.random() > 0.03 else self._hostile()
        fields = self._fields_of(app) if dataset or r.random() < 0.1 else None
        resource = Resource(tenant=tenant, app=app, dataset=dataset, fields=fields, call=call)
        document = to_document(subject, action, resource, self._context(person))
        return self._spoil(document)

    def _context(self, person: str) -> Context:
        r = self._random
        given = ["manager", "security"] if r.random() < 0.4 else self._some(["manager", "security"], 0.3)
        return Context(
            target=self._target() if r.random() > 0.3 else None,
            raw=r.random() < 0.2,
            requester=person if r.random() > 0.2 else self._one_of(PEOPLE),
            approvals=tuple(Approval(role=role, by=self._one_of(PEOPLE)) for role in given),
            access_rules=tuple(self._access_rule(n) for n in range(r.choice([0, 0, 0, 1, 2]))),
            session=self._session() if r.random() > 0.1 else None,
            unattended=r.random() < 0.05,
            exceptions=tuple(self._exception(n) for n in range(r.choice([0, 0, 1, 2]))),
            clock=self._clock() if r.random() > 0.1 else None,
            calls_last_hour=r.choice([None, 0, 0, 1, 4, 5, 99]),
            ticket=r.random() < 0.6,
            thresholds=self._thresholds() if r.random() < 0.3 else None,
        )

    def _thresholds(self) -> ThresholdFacts:
        """Any of the tenant's own levels, in no order: what is out of order has to be decided alike too."""
        level = [None, None, 0, 1, 2, 3, 4, 5, 6]
        r = self._random
        return ThresholdFacts(
            protected_level=r.choice(level), high_level=r.choice(level), credential_level=r.choice(level)
        )

    def _exception(self, number: int) -> ExceptionFacts:
        return ExceptionFacts(
            id=f"x-{number}",
            rule=self._one_of(WAIVED),
            jurisdiction=self._one_of(["us", "us", "eu", "sg"]),
            override=self._random.random() < 0.3,
        )

    def _clock(self) -> ClockFacts:
        minute = self._random.choice([0, 359, 360, 479, 480, 600, 720, 840, 1079, 1080, 1439])
        return ClockFacts(day=self._one_of(DAYS[:3]), minute=minute)

    def _call(self, app: AppFacts | None) -> CallFacts:
        """Mostly of what the app declares, as it declares it."""
        r = self._random
        known = r.choice(app.connectors) if app and app.connectors and r.random() > 0.05 else None
        operations = sorted(known.operations & set(OPERATIONS)) if known else []
        name = r.choice(operations) if operations and r.random() > 0.05 else self._one_of(list(OPERATIONS))
        scope = sorted(known.scope) if known else []
        return CallFacts(
            connector=known.id if known else self._one_of(["crm", "mail"]),
            operation=name,
            access=OPERATIONS.get(name, "read") if r.random() > 0.05 else self._one_of(["read", "write"]),
            scope=r.choice(scope) if scope and r.random() > 0.1 else self._one_of(["", "", "", "a"]),
        )

    def _access_rule(self, number: int) -> AccessRuleFacts:
        r = self._random
        return AccessRuleFacts(
            id=f"r-{number}",
            name=self._one_of(["Fresh", "Office", "Managed devices"]),
            strong=r.random() < 0.4,
            acr=tuple(self._some(["loa2", "loa3"], 0.7)),
            amr=frozenset(self._some(["hwk", "otp"], 0.2)),
            max_age_minutes=r.choice([None, None, 5, 15]),
            device=r.random() < 0.2,
            networks=frozenset(self._some(["Office", "VPN"], 0.15)),
            max_risk=r.choice([None, None, None, 0, 1]),
            step_up=r.random() < 0.8,
        )

    def _session(self) -> SessionFacts:
        r = self._random
        return SessionFacts(
            acr=self._one_of(["loa1", "loa2", "loa2", "loa3"]),
            amr=frozenset(self._some(["hwk", "otp"], 0.6)),
            age_minutes=r.choice([None, 0, 1, 5, 6, 15, 16]),
            device=self._one_of(["compliant", "compliant", "not_compliant", "unknown"]),
            networks=frozenset(self._some(["Office", "VPN"], 0.7)),
            risk=r.choice([None, 0, 0, 0, 1, 2]),
            break_glass=r.random() < 0.1,
        )

    def _app(self, tenant: str) -> AppFacts:
        r = self._random
        careful = r.random() < 0.7
        home = self._target()
        groups = frozenset(self._some(GROUPS, 0.5)) or frozenset(["Marketing"] if careful else [])
        return AppFacts(
            id=f"a-{r.randrange(50)}",
            tenant=tenant if r.random() > 0.03 else r.choice(TENANTS),
            state="live" if r.random() > 0.1 else self._one_of(["draft", "test", "suspended"]),
            owners=frozenset(self._some(PEOPLE, 0.6)),
            hosting=home if careful else self._target(),
            template_approved=r.random() > 0.2,
            identity_provider="sso" if r.random() > 0.05 else self._one_of(["local", ""]),
            identity_groups=groups,
            datasets=tuple(
                self._dataset(key, home, careful)
                for key in ["leads", "visits", "d3"][: r.choice([1, 1, 1, 2, 3])]
            ),
            connectors=tuple(self._connector(name, home) for name in self._some(["crm", "mail"], 0.5)),
            roles=tuple(self._role(n) for n in range(r.choice([0, 1, 1, 2]))),
            credential_paths=frozenset(["/metadata/description"] if r.random() < 0.04 else []),
            byok=r.random() < 0.5,
        )

    def _dataset(self, key: str, home: Target, careful: bool) -> DatasetFacts:
        r = self._random
        storage = home if careful or r.random() < 0.5 else self._target()
        count = r.choice([1, 3, 5, 8, 12]) if r.random() > 0.03 else 0
        fields = tuple(self._field(f"f_{key}_{n}", storage, careful) for n in range(count))
        return DatasetFacts(key=key, storage=storage, fields=fields)

    def _field(self, name: str, storage: Target, careful: bool) -> FieldFacts:
        r = self._random
        tags = r.choice(CLASSES[:-1] if careful else CLASSES)
        suggested = tags if r.random() < 0.8 else r.choice(CLASSES)
        return FieldFacts(
            id=name if r.random() > 0.01 else self._hostile(),
            classification=tags[0],
            level=tags[1],
            personal=tags[2],
            residency=None if not careful and r.random() < 0.1 else storage if careful else self._target(),
            retention_days=r.choice([30, 365] if r.random() > 0.02 else [1])
            if careful
            else r.choice([None, 0, 1, 30, 4000]),
            retention_min_days=r.choice([None, None, None, 10]),
            retention_max_days=r.choice([None, 365, 730]),
            suggested=suggested[0],
            suggested_level=suggested[1],
            downgrade_explained=r.random() < (0.97 if careful else 0.3),
        )

    def _role(self, number: int) -> AppRoleFacts:
        return AppRoleFacts(
            key=f"role{number}",
            groups=frozenset(self._some(GROUPS, 0.7)),
            permissions=frozenset(self._some(PERMISSIONS, 0.8)),
        )

    def _connector(self, name: str, home: Target) -> ConnectorFacts:
        r = self._random
        operations = frozenset([*self._some(list(OPERATIONS), 0.6), *(["*"] if r.random() < 0.03 else [])])
        scope = frozenset(self._some(["a", "b"], 0.2))
        described = [self._operation(one) for one in sorted(operations) if r.random() > 0.03]
        return ConnectorFacts(
            id=name,
            operations=operations,
            allowed=operations | {"ping"} if r.random() > 0.1 else frozenset(),
            region=r.choices([home, self._target(), None], weights=[8, 2, 1])[0],
            details=(*described, *described[: r.random() < 0.03]),
            scope=scope,
            allowed_scope=scope if r.random() > 0.1 else frozenset(self._some(["a", "b"], 0.5)),
        )

    def _operation(self, name: str) -> OperationFacts:
        r = self._random
        access = OPERATIONS.get(name, "")
        hours = r.choice([(None, None)] * 12 + [(480, 1080), (480, 1080), (1080, 360), (0, None), (480, 480)])
        return OperationFacts(
            name=name,
            access=access,
            allowed_access=access if r.random() > 0.03 else self._one_of(["read", "write"]),
            roles=frozenset(self._some(["role0"], 0.2)),
            per_hour=r.choice([None, None, 0, 5, 100]) if r.random() < 0.7 else None,
            from_minute=hours[0],
            until_minute=hours[1],
            days=frozenset(self._some(DAYS, 0.8) if r.random() < 0.2 else []),
            step_up=r.random() < 0.15,
            ticket=r.random() < 0.2,
        )

    def _target(self) -> Target:
        region, jurisdiction, sovereign = self._random.choices(REGIONS, weights=[6, 2, 1, 1])[0]
        return Target(region=region, jurisdiction=jurisdiction, provider="own", sovereign=sovereign)

    def _fields_of(self, app: AppFacts | None) -> frozenset[str] | None:
        r = self._random
        if app is None or not app.datasets or r.random() < 0.6:
            return None
        names = self._some([field.id for field in app.datasets[0].fields], 0.6)
        return frozenset(names if r.random() > 0.05 else [*names, self._hostile()])

    def _one_of(self, usual: list[str]) -> str:
        return self._random.choice(usual) if self._random.random() > 0.04 else self._hostile()

    def _some(self, usual: list[str], share: float) -> list[str]:
        chosen = [item for item in usual if self._random.random() < share]
        return [*chosen, self._hostile()] if self._random.random() < 0.03 else chosen

    def _hostile(self) -> str:
        r = self._random
        if r.random() < 0.7:
            return r.choice(HOSTILE)
        alphabet = string.printable + "é𝄞\u2028\x00\x1b"
        return "".join(r.choice(alphabet) for _ in range(r.randrange(12)))

    def _spoil(self, document: Document) -> Document:
        """Now and then something is missing, too much, or of another kind."""
        r = self._random
        if r.random() < 0.002:
            document["resource"][self._hostile()] = {f"k{n}": n for n in range(10_000)}
        if r.random() > 0.05:
            return document
        place = self._place(document)
        key = r.choice(list(place))
        how = r.randrange(3)
        if how == 0:
            del place[key]
        elif how == 1:
            place[key] = r.choice([None, 7, True, "x", [], {}, [[]], {"a": [1]}])
        else:
            place[self._hostile()] = r.choice([1, "x", {self._hostile(): [self._hostile()]}])
        return document

    def _place(self, document: Document) -> Document:
        """Some object in it, however deep."""
        place = document
        for _ in range(self._random.randrange(9)):
            inner = [
                item for value in place.values() for item in (value if isinstance(value, list) else [value])
            ]
            objects = [item for item in inner if isinstance(item, dict) and item]
            if not objects:
                break
            place = self._random.choice(objects)
        return place

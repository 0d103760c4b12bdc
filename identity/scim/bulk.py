"""POST /Bulk: many operations in one request, each done whole or not at all (RFC 7644, 3.7)."""

from typing import Any

from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django_scim.utils import get_group_adapter, get_user_adapter
from scim2_models import InvalidPathException, InvalidSyntaxException, PayloadTooLargeException

from identity.models import ScimClient
from identity.scim.adapters import Adapter
from identity.scim.answers import answer
from identity.scim.auth import allow
from identity.scim.base import ScimView
from identity.scim.errors import told
from identity.scim.jobs import Operation, Plan, operations
from identity.scim.mapping import location
from identity.scim.payload import member
from identity.scim.provider import MAX_BULK_BYTES, MAX_OPERATIONS
from identity.scim.versions import demand
from identity.scim.views import one

RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"


class Bulk(ScimView):
    """What stands in the way of one operation is told in its own result, and the others go on."""

    kind = "Bulk"

    def post(self, request: HttpRequest) -> HttpResponse:
        """Do the operations, those that others refer to first."""
        if len(request.body) > MAX_BULK_BYTES:
            raise PayloadTooLargeException(detail=f"At most {MAX_BULK_BYTES} bytes are taken at once.")
        body = self.body()
        if member(body, "schemas") != [REQUEST]:
            raise InvalidSyntaxException(detail="The body is no BulkRequest.")
        sent = operations(member(body, "Operations"))
        if len(sent) > MAX_OPERATIONS:
            raise PayloadTooLargeException(detail=f"At most {MAX_OPERATIONS} operations are taken at once.")
        run = Run(self.client, Plan(sent), _limit(member(body, "failOnErrors")))
        return answer({"schemas": [RESPONSE], "Operations": run.results()})


class Run:
    """The carrying out of one bulk request."""

    def __init__(self, client: ScimClient, plan: Plan, most_errors: int | None) -> None:
        self.client = client
        self.plan = plan
        self.most_errors = most_errors
        self.errors = 0

    def results(self) -> list[dict[str, Any]]:
        """One result for each operation that was tried, in the order of the request."""
        done: dict[int, dict[str, Any]] = {}
        for operation in self.plan:
            done[operation.index] = self._result(operation)
            if self.most_errors is not None and self.errors >= self.most_errors:
                break
        else:
            for operation in self.plan.unfinished():
                done[operation.index] = self._result(operation, again=True)
        return [done[index] for index in sorted(done)]

    def _result(self, operation: Operation, *, again: bool = False) -> dict[str, Any]:
        result: dict[str, Any] = {"method": operation.method}
        if operation.bulk_id:
            result["bulkId"] = operation.bulk_id
        try:
            with transaction.atomic():
                return result | self._done(operation, again=again)
        except OperationalError:
            raise  # the whole request is tried again
        except Exception as error:  # noqa: BLE001 - the client is told which operation failed
            refused = told(error)
        self.errors += 1
        self.plan.failed(operation)
        where = {} if operation.method == "POST" else {"location": _place(operation)}
        return result | where | {"status": str(refused.status), "response": refused.error.model_dump()}

    def _done(self, operation: Operation, *, again: bool) -> dict[str, Any]:
        operation.check()
        kind = _kind(operation.endpoint)
        allow(self.client, kind.write)
        data = self.plan.resolved(operation)
        if operation.method == "POST" and not again:
            row = kind.create(self.client, data)
            self.plan.made(operation, str(row.pk))
            status = "201"
        else:
            status, pk = (
                ("201", self.plan.ids[operation.bulk_id]) if again else ("200", self.plan.target(operation))
            )
            found = one(kind, self.client.tenant_id, pk, lock=True)
            if operation.method == "DELETE":
                demand(operation.version, found.obj.version)
                found.delete(self.client)
                return {"status": "204", "location": found.location}
            if not again:
                demand(operation.version, found.obj.version)
            (found.modify if operation.method == "PATCH" else found.replace)(self.client, data)
            row = found.obj
        shown = kind(row)
        return {"status": status, "location": shown.location, "version": shown.tag}


def _kind(endpoint: str) -> type[Adapter[Any]]:
    found = {"users": get_user_adapter, "groups": get_group_adapter}.get(endpoint.lower())
    if found is None:
        raise InvalidPathException(detail="The path leads to no resource of this endpoint.")
    kind: type[Adapter[Any]] = found()
    return kind


def _place(operation: Operation) -> str:
    """Where an operation that failed was meant to be done, as far as its path tells."""
    kinds = {"users": "User", "groups": "Group"}
    kind = kinds.get(operation.endpoint.lower())
    return location(kind, operation.target) if kind else operation.path


def _limit(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidSyntaxException(detail="failOnErrors is a number of errors, from 1 on.")
    return value

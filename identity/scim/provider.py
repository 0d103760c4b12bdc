"""What the endpoint offers, and how far it bends to real providers; /ServiceProviderConfig says the same."""

from typing import Any

from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    ETag,
    Filter,
    Patch,
    Reference,
    ResourceType,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
)

from identity.scim.resources import GROUP, USER, EnterpriseUser, Group, User

MAX_RESULTS = 200
MAX_OPERATIONS = 1000
MAX_BULK_BYTES = 1024 * 1024

# How real providers deviate: attributes that nobody keeps, Entra's removal by value, and its paths
# that describe an entry which is not there yet.
POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)

CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=True, max_operations=MAX_OPERATIONS, max_payload_size=MAX_BULK_BYTES),
    filter=Filter(supported=True, max_results=MAX_RESULTS),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=True),
    etag=ETag(supported=True),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="Bearer token",
            description="A token of the client's own, issued by the portal's administrator.",
            spec_uri=Reference("https://www.rfc-editor.org/rfc/rfc6750"),
            primary=True,
        )
    ],
)

PROVIDER = ScimProvider(
    models=[User, Group, EnterpriseUser],
    resource_types=[
        ResourceType.from_resource(USER),
        ResourceType.from_resource(GROUP),
    ],
    config=CONFIG,
    policy=POLICY,
)


def schemas() -> list[dict[str, Any]]:
    """The schemas as JSON; django-scim2 asks for them by its setting SCHEMAS_GETTER."""
    return [schema.model_dump() for schema in PROVIDER.schemas]

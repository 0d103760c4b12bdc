"""Django admin of people and access; importing a module registers its pages."""

from identity.admin import people, providers, signals, tokens
from identity.saml import admin as saml
from identity.scim import admin as scim

__all__ = ["people", "providers", "saml", "scim", "signals", "tokens"]

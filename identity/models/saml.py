"""SAML 2.0: sign-ins under way, and the providers that speak it."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models.provider import IdentityProvider
from identity.tenancy import uuid7

if TYPE_CHECKING:
    from django.db.models.query import QuerySet


class SamlRequest(models.Model):
    """An authentication request that a browser was sent away with, until its answer is used up.

    Answered before anybody is signed in, hence before a tenant is known: exempt from the tenant wall.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider = models.ForeignKey(IdentityProvider, models.CASCADE, related_name="+")
    request_id = models.CharField(max_length=64, unique=True)  # what the answer's InResponseTo names
    browser_hash = models.CharField(max_length=64)  # of the cookie that only the asking browser holds
    next = models.TextField()
    acr_values = models.JSONField(default=list)  # contexts asked for by a step-up; none: no step-up
    max_age = models.PositiveIntegerField(null=True)  # seconds
    is_test = models.BooleanField(default=False)
    sent_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)  # a second answer is a replay
    assertion_hash = models.CharField(max_length=64, blank=True)
    answer = models.JSONField(null=True)  # the checked statement, between the provider's POST and our page

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="saml_request_expiry")]
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "assertion_hash"],
                condition=~Q(assertion_hash=""),
                name="saml_assertion_once",
            ),
            models.CheckConstraint(
                condition=Q(answer=None) | Q(answered_at__isnull=False), name="saml_request_answered"
            ),
        ]

    def __str__(self) -> str:
        return self.request_id


class SamlProviders(models.Manager["SamlProvider"]):
    """Those alone that speak SAML."""

    def get_queryset(self) -> "QuerySet[SamlProvider, Any]":
        return super().get_queryset().filter(kind=IdentityProvider.Kind.SAML)


class SamlProvider(IdentityProvider):
    """An identity provider that speaks SAML 2.0, for the admin's pages."""

    objects = SamlProviders()  # type: ignore[misc] # the rows of one protocol

    class Meta:
        proxy = True
        verbose_name = _("SAML provider")

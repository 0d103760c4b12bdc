"""What a provider calls, under /sign-in/saml/<its short name>/. Sign-in begins on the common page."""

from django.urls import path

from identity.saml import views

urlpatterns = [
    path("metadata/", views.metadata, name="saml-metadata"),
    path("acs/", views.acs, name="saml-acs"),
    path("finish/", views.finish, name="saml-finish"),
    path("slo/", views.slo, name="saml-slo"),
]

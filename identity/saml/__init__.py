"""SAML 2.0 sign-in and single logout on python3-saml, with what it leaves open shut (I1, ADR 0069)."""

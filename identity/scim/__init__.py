"""SCIM 2.0 (RFC 7643, 7644): how a company's provider pushes its people and groups (I2, ADR 0037)."""

"""OPA agents elsewhere: what they pull from /opa/v1/, and what they push there (P4, docs/adr/0077)."""

"""Policy: the decision point, its Rego library and engines."""

"""The API for programs at /api/v1/: bearer tokens alone, the gateway of the pages, problem+json errors."""

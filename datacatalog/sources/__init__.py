"""Where datasets come from: each reader takes a file or a database and gives frozen facts (base.Source)."""

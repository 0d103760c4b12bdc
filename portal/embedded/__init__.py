"""Real PostgreSQL and Redis from their wheels, and one foreground process that keeps everything
(docs/adr/0005-two-commands.md). A production install uses none of this."""

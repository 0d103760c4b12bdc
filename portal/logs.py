"""Each log line names the request or task it belongs to, and nothing of a person."""

import logging

from ledger.context import current_source


class RequestContext(logging.Filter):
    """Adds `request_id` to every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Never drops a line."""
        record.request_id = current_source().request
        return True

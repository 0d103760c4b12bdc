"""A suggested class for a field, with the reason and how sure it is; a person confirms (D2).

Signs come from the name (rules/headers.yaml), the source's own words, the type, the description, example
values (rules/values.yaml), which are looked at and never kept, and from what people of the tenant have
confirmed for fields of that name. Pure: no database, no network. docs/adr/0088-suggestions.md says why so.
"""

from datacatalog.suggest.engine import LEVELS, SURE, suggest
from datacatalog.suggest.learned import Learned
from datacatalog.suggest.signs import Signs, Suggestion

__all__ = ["LEVELS", "SURE", "Learned", "Signs", "Suggestion", "suggest"]

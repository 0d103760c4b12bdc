"""The data catalog's tables, one subject a file."""

from datacatalog.models.dataset import Dataset, DatasetField, DatasetGroupGrant, DatasetUserGrant
from datacatalog.models.importrun import ImportRun
from datacatalog.models.retention import Disposal, LegalHold
from datacatalog.models.scheme import Classification, Region

__all__ = [
    "Classification",
    "Dataset",
    "DatasetField",
    "DatasetGroupGrant",
    "DatasetUserGrant",
    "Disposal",
    "ImportRun",
    "LegalHold",
    "Region",
]

"""The data catalog's tables, one subject a file."""

from datacatalog.models.batch import TagBatch
from datacatalog.models.dataset import Dataset, DatasetField, DatasetGroupGrant, DatasetUserGrant
from datacatalog.models.importrun import ContractDocument, ImportRun
from datacatalog.models.scheme import Classification, Region

__all__ = [
    "Classification",
    "ContractDocument",
    "Dataset",
    "DatasetField",
    "DatasetGroupGrant",
    "DatasetUserGrant",
    "ImportRun",
    "Region",
    "TagBatch",
]

"""The data catalog's tables, one subject a file."""

from datacatalog.models.batch import TagBatch
from datacatalog.models.dataset import Dataset, DatasetField, DatasetGroupGrant, DatasetUserGrant
from datacatalog.models.importrun import ContractDocument, ImportRun
from datacatalog.models.retention import Disposal, LegalHold
from datacatalog.models.scheme import Classification, Region
from datacatalog.models.subject import SubjectFinding, SubjectRequest

__all__ = [
    "Classification",
    "ContractDocument",
    "Dataset",
    "DatasetField",
    "DatasetGroupGrant",
    "DatasetUserGrant",
    "Disposal",
    "ImportRun",
    "LegalHold",
    "Region",
    "SubjectFinding",
    "SubjectRequest",
    "TagBatch",
]

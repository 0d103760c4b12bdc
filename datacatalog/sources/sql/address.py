"""Where a database is and who asks. The password has no readable form but the one that is sealed."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

Tell = Callable[[int, int], None]
SAMPLES = 50
LONGEST = 400  # characters of a value that are looked at


@dataclass(frozen=True)
class Address:
    """A login to one database."""

    dialect: str
    host: str
    port: int | None
    database: str
    user: str
    password: str = field(default="", repr=False)
    schema: str = ""  # "": all that are not the system's own

    @property
    def id(self) -> str:
        """Tells the same database again: nothing of who asks."""
        port = f":{self.port}" if self.port else ""
        schema = f"#{self.schema}" if self.schema else ""
        return f"{self.dialect}://{self.host}{port}/{self.database}{schema}"[:200]

    def to_text(self) -> str:
        """For sealing, with the password."""
        return json.dumps(asdict(self))

    @classmethod
    def of_text(cls, text: str) -> "Address":
        """From to_text()."""
        return cls(**json.loads(text))

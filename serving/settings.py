"""What the service is told at the door."""

from dataclasses import dataclass

from store.config import Concept
from store.database import Store


@dataclass(frozen=True)
class Settings:
    """Where reports go, of which concept they are, and whether pictures on private hosts may be reported."""

    store: Store
    concept: Concept
    allow_private_hosts: bool = False

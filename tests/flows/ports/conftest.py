"""The small company on both databases, and its ERP."""
from tests.runtime.conftest import desk, erp

__all__ = ["desk", "erp"]

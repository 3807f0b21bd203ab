"""What the tests of single steps share with those of the runtime: the small company on both databases, and its ERP."""
from tests.runtime.conftest import advance, desk, erp

__all__ = ["advance", "desk", "erp"]

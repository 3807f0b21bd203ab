"""The field types that come with the product, one module each."""

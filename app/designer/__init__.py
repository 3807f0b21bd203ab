"""Layer 8: where forms are drawn: list, editor, preview, checks, publishing."""

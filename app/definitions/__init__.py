"""Layer 4: drafts and published, immutable versions of forms, flows and ticket types."""

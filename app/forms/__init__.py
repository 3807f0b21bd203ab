"""Layer 2, pure: what a form is. Reads no clock, no database, no request."""

"""Layer 1, pure: errors, catalogue, expressions, calendar. Imports nothing of the application."""

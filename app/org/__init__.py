"""Layer 4: people, roles and rights, sign-in, API tokens, master data (stores, calendars) and connectors."""

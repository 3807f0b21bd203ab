"""The demonstration company: people, stores, the complaint desk, and an ERP that pays refunds."""

"""Layer 7, the life of a ticket: its tables, its steps, its timers, and the outbox that reaches the world."""

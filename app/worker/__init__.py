"""Layer 9, the processes that act without anybody watching: workers drain the outbox, the relay keeps time."""

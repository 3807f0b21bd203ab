"""Layer 6: reaching people: message texts, channels, the inbox."""

"""Layer 8, above entries: what colleagues see and press, on phone and desktop. Decides nothing; asks the services."""

"""Layer 5: who a customer is, whichever way they came."""

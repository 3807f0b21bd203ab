"""Layer 9: commands. `flask --help` lists them; the pure ones need neither database nor Redis."""

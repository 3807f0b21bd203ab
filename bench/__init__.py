"""Benchmarks: what the product does per second, as ratios to floors measured in the same run."""

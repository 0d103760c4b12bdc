"""Benchmarks: ratios measured in one run, both sides interleaved (`make bench`, `make bench NAME=x`)."""

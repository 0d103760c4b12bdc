"""Engines evaluate; they know no Django and decide nothing on their own (docs/adr/0020)."""

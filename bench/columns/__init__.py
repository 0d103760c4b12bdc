"""Labelled columns in twelve locales, made from a seed with Faker: what suggestions are measured on (D2)."""

from bench.columns.make import HELD_OUT, TUNED, Labelled, columns

__all__ = ["HELD_OUT", "TUNED", "Labelled", "columns"]

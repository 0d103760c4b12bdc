"""The composition root. Importing it loads nothing: `portal check` knows no Django."""

"""Pages that know several rooms: home, people and their roles, who left, exceptions."""

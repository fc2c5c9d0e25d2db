"""From a board to a hero and a workhorse (pure): `policy` -> `decision`."""

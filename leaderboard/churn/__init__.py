"""How fast the top of a board is replaced (pure): snapshots -> `spells` -> `survival`."""

"""Draws the demo photos: places and faces that do not exist, in the warm look of the drawings of Pedbasis."""

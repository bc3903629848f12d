"""What is drawn: the sprite of all drawings, and the pictures and streets composed of them. Imports no app."""

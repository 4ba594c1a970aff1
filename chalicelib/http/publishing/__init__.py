"""How the API describes itself: one document that machines read and one page that people read, both made from the
routes that are served."""

"""HTTP: routes that parse, admit, answer and page; the only part of the house, with app.py and functions/, that knows
Chalice."""

"""Filter expressions: their grammar, the rules that CreateFilter checks, and their meaning for a request."""

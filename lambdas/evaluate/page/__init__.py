"""The report page: figures turned into what templates print. Markup lives in templates/, never here."""

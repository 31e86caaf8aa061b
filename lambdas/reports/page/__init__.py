"""The frame of every page, and how its pictures are drawn. Markup lives in templates/, never in code."""

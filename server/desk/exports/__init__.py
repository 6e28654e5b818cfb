"""What the list selects, as files: tables, points, photos; links that refresh a table in Excel."""

"""Documents that take long or come in other forms: asked for on a page, made by jobs, found again under the report."""

"""The collection server: web forms served, answers kept, nobody exposed."""

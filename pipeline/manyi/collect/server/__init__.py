"""The web server: forms answered page by page or offline, links and codes, withdrawal, the live page."""

"""OpenRosa: what ODK Collect and other apps for XForms ask of a server."""

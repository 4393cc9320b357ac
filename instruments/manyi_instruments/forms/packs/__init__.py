"""What goes to schools with the forms: posters, slips of access codes, information sheets, a manual."""

"""Files as tables of text, whatever program wrote them."""

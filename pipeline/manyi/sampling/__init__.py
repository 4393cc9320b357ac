"""The sample: proposed from the school table, drawn, kept as a record, read again for the weights."""

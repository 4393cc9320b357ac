"""The school table as bureaux send it: read, repaired, every row and cell accounted for; codes matched."""

"""Numbers in, frozen result records out. No files, no printing, no rounding, no labels."""

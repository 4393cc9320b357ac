"""From cells to coded answers, every cell accounted for."""

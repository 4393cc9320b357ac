"""Missing answers: their patterns, whether they are missing at random, and what imputing them changes."""

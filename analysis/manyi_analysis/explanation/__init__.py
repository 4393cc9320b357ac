"""What explains an outcome: the schools' share of its variance, and regression in blocks of terms."""

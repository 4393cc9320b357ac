"""What the answers say: who answered, how answers are distributed, how satisfied groups are."""

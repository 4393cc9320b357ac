"""Open answers and interviews: what identifies is masked, people code, their codes are read back."""

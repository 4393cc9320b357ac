"""The stages from answers to appendix, what each depends on, and their reuse."""

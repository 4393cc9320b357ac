"""What each survey platform's exports look like, told in the same words."""

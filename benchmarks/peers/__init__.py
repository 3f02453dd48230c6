"""Others' bots, as their own guides write them, and what they need beside them."""

"""Where CPU work runs: never on the event loop, always with a deadline."""

"""claimbot: a chat assistant for a claims office."""

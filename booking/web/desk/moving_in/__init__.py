"""The pages by which a clinic moves in."""

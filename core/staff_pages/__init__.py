"""What the staff's pages of all apps share: edits as one act, times as the clinic's clock shows them, account forms."""

"""What several rules ask of a replay, and the words that they share."""

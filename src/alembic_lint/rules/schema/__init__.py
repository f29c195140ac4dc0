"""Rules about the replayed schema: ALM4xx."""

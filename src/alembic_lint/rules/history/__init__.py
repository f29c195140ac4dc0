"""Rules about the revision graph: ALM1xx."""

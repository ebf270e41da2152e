"""The cache: its entries, which outcomes it stores, and outputs that are printed again."""

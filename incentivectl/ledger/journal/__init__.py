"""The journal: what batches and the bank's answers come to in double entry, from the ledger alone."""

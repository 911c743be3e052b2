"""Money leaves and the bank answers: payment files out, answers in; nothing here knows the ledger."""

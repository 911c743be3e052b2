"""The commands that book: a post from the run to the ledger, void, approvals, payment files, answers.

Each takes the write lock of the ledger before it computes, and changes everything in one transaction.
"""

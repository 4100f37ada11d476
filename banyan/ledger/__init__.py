"""The ledger: who did what to which thing at which unit, when."""

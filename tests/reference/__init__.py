"""An independent reference of the contract in plain Python: slow, obvious, exact.

The tests compare the engine with it. It shares no code with the engine, and each function names
the rule that it follows.
"""

from tests.reference.settling import Earning, Settled, settle

__all__ = ["Earning", "Settled", "settle"]

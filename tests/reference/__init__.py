"""An independent reference of the contract in plain Python: slow, obvious, exact.

The tests compare the engine with it. It shares no code with the engine, imports nothing of it, and each
function says the rule that it follows. `settle(workspace, period)` reads a workspace and returns what
every program owes as of the period's last day, where each input row went, and every partner's level.

The way of a line, and where each step stands:

| step | module |
|---|---|
| files to rows, values, aliases, identity | `files`, `values`, `reading`, `corrections`, `sales` |
| rows in force, tops, managers, list prices | `masters`, `lines` |
| months, measurement periods, windows | `periods` |
| conditions, and what they are judged on | `conditions` |
| eligible, bundle need, term by line, exclusive groups, payees | `eligible`, `terms`, `bundles` |
| metrics, baselines, trailing windows, gates, term by payee | `measures`, `settlement` |
| what each kind pays | `rebate` (also SPIFs), `discount`, `deals`, `activity`, `contest`, `mdf` |
| boost, cap of a term, cap per payee, rounding, budget | `budget` |
| levels, reviewed and granted | `levels` |

It knows no ledger: what a batch books is checked by the tests that post.
"""

from tests.reference.settling import Earning, Settled, settle

__all__ = ["Earning", "Settled", "settle"]

"""Steps, curves, bundles, gates, prices by date."""

from tests.reference.worked.case import QUARTER, Case

REBATE = f'kind = "rebate"\n{QUARTER}period = "quarter"\n'
CURVE = 'curve = [{ at = "80%", pays = 500 }, { at = "100%", pays = 1_000 }, { at = "120%", pays = 2_000 }]\n'
RATES = 'curve = [{ at = 0, rate = "1%" }, { at = 100_000, rate = "3%" }]\n'
BUNDLE = (
    '[bundle]\nneeds = [{ when = { "product.category" = "switch" }, quantity = 2 },'
    ' { when = { "product.category" = "router" }, quantity = 1 }]\n'
)
PAYS = "[reward]\nper_bundle = 40\n"
SHARE = '[[gate]]\nshare_of = { "product.category" = "security" }\nat_least = "20%"\n[reward]\nrate = "1%"\n'


def _per(whole: str) -> str:
    return BUNDLE.replace("[bundle]\n", f'[bundle]\nper = "{whole}"\n')


CASES = (
    Case(
        "so much for each whole step; a total below 0 has none",
        "steps",
        {"step": REBATE + "[reward]\nevery = 10_000\npays = 100\n"},
        {"P01": 300, "P02": 0},
        sales="A,2026-07-05,P01,SW,1,39999\nB,2026-07-05,P02,SW,-1,-5000\n",
    ),
    Case(
        "steps of the metric that picks tiers, in the tier reached, beside rate and bonus",
        "steps",
        {
            "units": REBATE + '[reward]\ntiers_by = "quantity"\nevery = 3\npays = 1\n',
            "tiers": REBATE
            + "tiers = []\n".replace("tiers = []\n", "")
            + '[reward]\ntiers = [{ from = 0, rate = "1%" },'
            ' { from = 5_000, rate = "0.5%", every = 1_000, pays = 12.5, bonus = 4 }]\n',
        },
        # 7 units: two steps. 0.5 % of 5,999 + 5 x 12.5 + 4; P02 stays at 1 % of 4,999.
        {"units P01": 2, "units P02": 0, "tiers P01": "96.50", "tiers P02": "49.99"},
        sales="A,2026-07-05,P01,SW,7,5999\nB,2026-07-05,P02,SW,2.9,4999\n",
    ),
    Case(
        "amounts along a curve of attainment",
        "curves",
        {"curve": REBATE + '[reward]\ntiers_by = "attainment"\n' + CURVE},
        {"P01": 750, "P02": 1500, "P03": 2000, "P04": 0, "P05": 0},
        sales="A,2026-07-05,P01,SW,1,900\nB,2026-07-05,P02,SW,1,1100\nC,2026-07-05,P03,SW,1,1300\n"
        "D,2026-07-05,P04,SW,1,799.99\nE,2026-07-05,P05,SW,1,1000\n",
        tables={
            "targets": "program_id,payee_id,period_start,target\n"
            + "".join(f"curve,P0{n},2026-07-01,1000\n" for n in range(1, 5))
        },
    ),
    Case(
        "rates along a curve; below 0 the first point's where it stands at 0",
        "curves",
        {
            "rates": REBATE + "[reward]\n" + RATES,
            "later": REBATE + "[reward]\n" + RATES.replace("0,", "1,", 1),
        },
        # 33,333: 1 % + 2 % x 0.33333 = 1.66666 %.
        {
            "rates P01": 1000,
            "rates P02": -50,
            "rates P03": "555.55",
            "rates P04": 6000,
            "later P01": "999.99",
            "later P02": 0,
            "later P03": "555.54",
            "later P04": 6000,
        },
        sales="A,2026-07-05,P01,SW,1,50000\nB,2026-07-05,P02,SW,-1,-5000\nC,2026-07-05,P03,SW,1,33333\n"
        "D,2026-07-05,P04,SW,1,200000\n",
    ),
    Case(
        "between two points the quotient has 12 decimals, and so has growth",
        "curves",
        {
            "rate": REBATE
            + '[reward]\ntiers_by = "lines"\ncurve = [{ at = 0, rate = 0 }, { at = 3, rate = "1%" }]\n',
            "growth": REBATE + '[reward]\ntiers_by = "growth"\n'
            "curve = [{ at = 0, pays = 0 }, { at = 1, pays = 300_000_000_000 }]\n",
        },
        # 0.003333333333 of the line of P01; 0.333333333333 of the amount.
        {
            "rate P01": "999999999.90",
            "rate P02": "0.01",
            "growth P01": 0,
            "growth P02": "99999999999.90",
        },
        sales="A,2026-07-05,P01,SW,1,300000000000\nB,2025-07-05,P02,SW,1,3\nC,2026-07-05,P02,SW,1,4\n",
    ),
    Case(
        "a curve of growth: no baseline counts as its last point under full, and needs revenue",
        "curves",
        {
            "full": REBATE + '[baseline]\nif_missing = "full"\n[reward]\ntiers_by = "growth"\n'
            "curve = [{ at = 0, pays = 10 }, { at = 1, pays = 30 }]\n",
            "exclude": REBATE + '[reward]\ntiers_by = "growth"\n'
            "curve = [{ at = 0, pays = 10 }, { at = 1, pays = 30 }]\n",
            "rate": REBATE + '[reward]\ntiers_by = "growth"\npays_on = "increment"\n'
            'curve = [{ at = 0, rate = "1%" }, { at = 1, rate = "3%" }]\n',
        },
        # P01 grew by a half: 20, and 2 % of 500. P02 shrank. P03 and P04 have no baseline, P04 no revenue.
        {
            "full P01": 20,
            "full P02": 0,
            "full P03": 30,
            "full P04": 0,
            "exclude P01": 20,
            "rate P01": 10,
        },
        sales="A,2025-07-05,P01,SW,1,1000\nB,2026-07-05,P01,SW,1,1500\nC,2025-07-05,P02,SW,1,1000\n"
        "D,2026-07-05,P02,SW,1,900\nE,2026-07-05,P03,SW,1,500\nF,2026-07-05,P04,SW,-1,-5\n",
    ),
    Case(
        "seven switches and two routers make two bundles",
        "bundles",
        {"bundle": REBATE + BUNDLE + PAYS},
        {"P01": 80},
        sales="A,2026-07-05,P01,SW,7,700\nB,2026-07-05,P01,RT,2,200\nC,2026-07-05,P01,SEC,9,900\n",
    ),
    Case(
        "what belongs to no need is out of the program, and earns in the next of its group",
        "bundles",
        {
            "bundle": REBATE
            + 'exclusive_group = "g"\npriority = 1\n'
            + BUNDLE
            + '[reward]\nrate = "1%"\n',
            "rest": REBATE + 'exclusive_group = "g"\npriority = 2\n[reward]\nrate = "1%"\n',
        },
        {"bundle P01": 9, "rest P01": 9},
        sales="A,2026-07-05,P01,SW,7,700\nB,2026-07-05,P01,RT,2,200\nC,2026-07-05,P01,SEC,9,900\n",
    ),
    Case(
        "a line belongs to the first need whose conditions hold",
        "bundles",
        {
            "bundle": REBATE
            + '[bundle]\nneeds = [{ when = { "product.category" = "switch" }, quantity = 1 },'
            ' { when = { "product.category" = ["switch", "router"] }, quantity = 1 }]\n' + PAYS
        },
        {"P01": 0, "P02": 40},
        sales="A,2026-07-05,P01,SW,2,200\nB,2026-07-05,P02,SW,2,200\nC,2026-07-05,P02,RT,1,100\n",
    ),
    Case(
        "bundles of each customer and of each sale; a return stands with its line, below 0 there is none",
        "bundles",
        {
            "all": REBATE + BUNDLE + PAYS,
            "customer": REBATE + _per("customer") + PAYS,
            "sale": REBATE + _per("sale") + PAYS,
        },
        # All: 5 switches, 1 router. C1: 4 and 2 - 1; C2: 2 - 2 and 1; without a customer none.
        # Sale A: 2 and 1; B: 2 and 1 - 1; C: 2 - 2 and 1; D: 2 and 1; E: -1 switch, -2 routers.
        {"all": 40, "customer": 40, "sale": 80},
        columns=",customer_id,return_of",
        sales="A,2026-07-05,P01,SW,2,2,C1,\nA,2026-07-05,P01,RT,1,1,C1,\nB,2026-07-06,P01,SW,2,2,C1,\n"
        "B,2026-07-06,P01,RT,1,1,C1,\nR,2026-08-06,P01,RT,-1,-1,C2,B\n"
        "C,2026-07-07,P01,SW,2,2,C2,\nC,2026-07-07,P01,RT,1,1,C2,\nS,2026-08-07,P01,SW,-2,-2,,C\n"
        "D,2026-07-08,P01,SW,2,2,,\nD,2026-07-08,P01,RT,1,1,,\n"
        "E,2026-07-09,P01,SW,-1,-1,C3,\nE,2026-07-09,P01,RT,-2,-2,C3,\n",
    ),
    Case(
        "what takes back a line belongs to that line's need, whatever product it names",
        "bundles",
        {"bundle": REBATE + BUNDLE + PAYS},
        # Sale A has no router: the return is one of its 4 switches.
        {"P01": 40},
        columns=",return_of",
        sales="A,2026-07-05,P01,SW,4,400,\nB,2026-07-05,P01,RT,2,200,\nR,2026-08-05,P01,RT,-2,-40,A\n",
    ),
    Case(
        "bundles pick tiers, reach gates, and stand beside a rate",
        "bundles",
        {
            "bundle": REBATE + BUNDLE + '[[gate]]\nmetric = "bundles"\nat_least = 1\n[reward]\n'
            'tiers_by = "bundles"\ntiers = [{ from = 0, rate = "1%" },'
            ' { from = 2, per_bundle = 10, rate = "2%", bonus = 3 }]\n'
        },
        # Two bundles: 2 x 10 + 2 % of 900 + 3; one: 1 % of 300; none: the gate.
        {"P01": 41, "P02": 3, "P03": 0},
        sales="A,2026-07-05,P01,SW,7,700\nB,2026-07-05,P01,RT,2,200\nC,2026-07-05,P02,SW,2,200\n"
        "D,2026-07-05,P02,RT,1,100\nE,2026-07-05,P03,SW,9,900\n",
    ),
    Case(
        "a baseline holds what belongs to a need",
        "bundles",
        {
            "bundle": REBATE + BUNDLE + '[reward]\ntiers_by = "growth"\npays_on = "increment"\n'
            'tiers = [{ from = 0, rate = "5%", per_bundle = 2 }]\n'
        },
        # 1,000 against 400, one bundle; the 9,999 of a year before belong to no need.
        {"P01": 32},
        sales="A,2025-07-05,P01,SW,1,400\nB,2025-07-05,P01,SEC,1,9999\nC,2026-07-05,P01,SW,2,600\n"
        "D,2026-07-05,P01,RT,1,400\n",
    ),
    Case(
        "a terms file by payee that pays for each bundle",
        "terms",
        {"bundle": REBATE + BUNDLE + '[reward]\nterms = "lists/bundles.csv"\n'},
        {"P01": 14, "P02": 6},
        sales="A,2026-07-05,P01,SW,5,1\nB,2026-07-05,P01,RT,2,1\nC,2026-07-05,P02,SW,5,1\nD,2026-07-05,P02,RT,2,1\n",
        lists={"bundles.csv": "partner.partner_id,per_bundle\nP01,7\n,3\n"},
    ),
    Case(
        "every gate must be reached",
        "gates",
        {
            "both": REBATE + '[[gate]]\nmetric = "revenue"\nat_least = 100\n'
            '[[gate]]\nmetric = "quantity"\nat_least = 2\n[reward]\nrate = "10%"\n'
        },
        {"P01": 10, "P02": 0, "P03": 0},
        sales="A,2026-07-05,P01,SW,2,100\nB,2026-07-05,P02,SW,2,99.99\nC,2026-07-05,P03,SW,1,900\n",
    ),
    Case(
        "a share of the mix reaches its gate at 20 %, not a cent below, and never of 0",
        "gates",
        {"mix": REBATE + SHARE},
        {"P01": 1000, "P02": 0, "P03": 0},
        sales="A,2026-07-05,P01,SEC,1,20000\nB,2026-07-05,P01,SW,1,80000\n"
        "C,2026-07-05,P02,SEC,1,19999.99\nD,2026-07-05,P02,SW,1,80000.01\n"
        "E,2026-07-05,P03,SEC,1,100\nF,2026-07-05,P03,SW,-1,-100\n",
    ),
    Case(
        "nothing has a share of a total of 0",
        "gates",
        {"mix": REBATE + SHARE.replace('rate = "1%"', "per_unit = 1")},
        {"P01": 0, "P02": 4},
        sales="A,2026-07-05,P01,SEC,3,100\nB,2026-07-05,P01,SW,-1,-100\nC,2026-07-05,P02,SEC,3,100\n"
        "D,2026-07-05,P02,SW,1,99\n",
    ),
    Case(
        "all gates must be reached, a share may be one of quantity, and a return goes with its line",
        "gates",
        {
            "mix": REBATE
            + '[[gate]]\nmetric = "revenue"\nat_least = 100\n[[gate]]\nmetric = "quantity"\n'
            'share_of = { "product.category" = "security", "sale.quantity" = { min = 4 } }\nat_least = 0.5\n'
            '[reward]\nrate = "10%"\n'
        },
        # P01: 5 - 1 of 8 units. P02: the same with a return of nothing known: 5 of 8 + 1 - 1. P03: below 100.
        {"P01": 10, "P02": 10, "P03": 0, "P04": 0},
        columns=",return_of",
        sales="A,2026-07-05,P01,SEC,5,50,\nB,2026-07-05,P01,SW,4,60,\nR,2026-07-06,P01,SEC,-1,-10,A\n"
        "C,2026-07-05,P02,SEC,5,60,\nD,2026-07-05,P02,SW,4,50,\nS,2026-07-06,P02,SEC,-1,-10,\n"
        "E,2026-07-05,P03,SEC,5,50,\nF,2026-07-05,P03,SW,4,40,\n"
        "G,2026-07-05,P04,SEC,4,50,\nH,2026-07-05,P04,SW,5,60,\n",
    ),
    Case(
        "the list price of the line's date, in rewards and in conditions",
        "prices",
        {
            "list": f'kind = "discount"\n{QUARTER}period = "quarter"\n'
            '[reward]\npays_on = "list"\nrate = "10%"\n',
            "dear": f'kind = "discount"\n{QUARTER}period = "quarter"\n'
            '[eligible]\n"product.list_price" = { min = 55 }\n[reward]\nrate = "1%"\n',
            "net": f'kind = "discount"\n{QUARTER}period = "quarter"\n[reward]\nnet_price = 45\n',
        },
        # 50 before 1 August, then 60, 40 from 1 September; what is returned in September was sold at 60.
        # RT has its one price from September on, at 20 before. Net: 5 + 15 x 3.
        {"list": 39, "dear": 3, "net": 50},
        columns=",return_of",
        sales="A,2026-07-31,P01,SW,1,100,\nB,2026-08-01,P01,SW,4,400,\nC,2026-09-01,P01,SW,5,100,\n"
        "R,2026-09-02,P01,SW,-1,-100,B\nD,2026-08-31,P02,RT,-2,-10,\n",
        tables={
            "prices": "product_id,valid_from,list_price\nSW,2026-08-01,60\nSW,2026-09-01,40\n"
            "RT,2026-09-01,90\n"
        },
    ),
)

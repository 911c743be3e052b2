"""Trailing windows and fiscal calendars."""

from tests.reference.worked.case import QUARTER, YEAR, Case

WINDOW = "tiers_months = 12\n"
TIERS = 'tiers = [{ from = 0, rate = "1%" }, { from = 1_000_000, rate = "2%" }]\n'
MONTHLY = f'kind = "rebate"\n{YEAR}period = "month"\n'
SEPTEMBER = 'kind = "rebate"\nstarts = 2026-09-01\nends = 2026-09-30\n'
DAYS = """
    2025-10-01 2025-11-30 2025-12-31 2026-01-01 2026-02-28 2026-03-15 2026-04-01 2026-05-31
    2026-06-30 2026-07-01 2026-08-31
"""
YEAR_OF_SALES = "".join(f"S{n},{day},P01,SW,1,90000\n" for n, day in enumerate(DAYS.split()))

# 4-4-5, the weeks from Sunday to Saturday: month 7 of 2026 is 5 July to 1 August, month 8 to 29 August,
# month 9, of five weeks, to 3 October.
CALENDAR = """\
month,first_day,last_day
2025-07,2025-06-29,2025-07-26
2025-08,2025-07-27,2025-08-23
2025-09,2025-08-24,2025-09-27
2025-10,2025-09-28,2025-10-25
2025-11,2025-10-26,2025-11-22
2025-12,2025-11-23,2026-01-03
2026-01,2026-01-04,2026-01-31
2026-02,2026-02-01,2026-02-28
2026-03,2026-03-01,2026-04-04
2026-04,2026-04-05,2026-05-02
2026-05,2026-05-03,2026-05-30
2026-06,2026-05-31,2026-07-04
2026-07,2026-07-05,2026-08-01
2026-08,2026-08-02,2026-08-29
2026-09,2026-08-30,2026-10-03
"""
FISCAL = "starts = 2026-07-05\nends = 2026-10-03\n"

CASES = (
    Case(
        "twelve months reach the tier that one month's revenue is paid at",
        "windows",
        {"year": MONTHLY + "[reward]\n" + WINDOW + TIERS},
        {
            **{f"2026-0{month}-01": 900 for month in range(1, 9)},
            "2026-09-01": 1000,
        },
        sales=YEAR_OF_SALES + "T,2026-09-15,P01,SW,1,50000\n",
    ),
    Case(
        "program dates and groups do not apply to a window, [eligible] and returns do",
        "windows",
        {
            "year": SEPTEMBER + 'exclusive_group = "g"\npriority = 2\n'
            '[eligible]\n"product.category" = "switch"\n[reward]\n' + WINDOW + TIERS,
            "first": SEPTEMBER.replace("2026-09-01", "2026-01-01")
            + 'exclusive_group = "g"\npriority = 1\n[eligible]\n"sale.month" = [1, 2, 3, 4, 5, 6, 7, 8]\n'
            "[reward]\nrate = 0\n",
        },
        # P01: 11 x 90,000 + 50,000. P02 stays at 1 %: routers and what a return takes back do not count.
        {"year P01": 1000, "year P02": 500},
        columns=",return_of",
        sales=YEAR_OF_SALES.replace("\n", ",\n")
        + "T,2026-09-15,P01,SW,1,50000,\nU,2026-03-01,P02,RT,1,500000,\nV,2026-03-01,P02,SW,1,960000,\n"
        "R,2026-09-02,P02,SW,-1,-20000,V\nW,2026-09-15,P02,SW,1,50000,\n",
    ),
    Case(
        "a window that begins before the data holds what there is, and one day too early is out",
        "windows",
        {"year": MONTHLY + "[reward]\n" + WINDOW + TIERS},
        {"2026-09-01 P01": 4000, "2026-09-01 P02": 2000},
        sales="A,2025-10-01,P01,SW,1,800000\nB,2026-09-02,P01,SW,1,200000\n"
        "C,2025-09-30,P02,SW,1,800000\nD,2026-09-02,P02,SW,1,200000\n",
    ),
    Case(
        "a bonus needs the windowed metric and the measurement period's revenue above 0",
        "windows",
        {
            "year": MONTHLY
            + "[reward]\n"
            + WINDOW
            + 'tiers = [{ from = 0, rate = "1%", bonus = 5 }, { from = 900, rate = "2%", bonus = 7 }]\n'
        },
        {
            # August: 2 % of 1,000 + 7. September: 2 % of -50, its revenue below 0: no bonus.
            "2026-08-01 P01": 27,
            "2026-09-01 P01": -1,
            # March: 1 % of -500. September: 1 % of 100, the window still below 0.
            "2026-03-01 P02": -5,
            "2026-09-01 P02": 1,
        },
        sales="A,2026-08-05,P01,SW,1,1100\nB,2026-08-05,P01,SW,-1,-100\nC,2026-09-05,P01,SW,-1,-50\n"
        "D,2026-03-05,P02,SW,-1,-500\nE,2026-09-05,P02,SW,1,100\n",
    ),
    Case(
        "while a measurement period accrues, its window ends with PERIOD",
        "windows",
        {
            "quarter": f'kind = "rebate"\n{QUARTER}period = "quarter"\n[reward]\ntiers_months = 3\n{TIERS}'
        },
        # July to September, up to 31 August: 999,999.
        {"P01": "9999.99"},
        period="2026-08",
        sales="A,2026-06-30,P01,SW,1,900000\nB,2026-07-01,P01,SW,1,500000\nC,2026-08-31,P01,SW,1,499999\n"
        "D,2026-09-01,P01,SW,1,1\n",
    ),
    Case(
        "steps, gates and what a rate pays on take the measurement period alone",
        "windows",
        {
            "year": MONTHLY
            + '[[gate]]\nmetric = "revenue"\nat_least = 250\n[reward]\n'
            + WINDOW
            + 'tiers = [{ from = 1_000, rate = "1%", every = 100, pays = 7 }]\n'
        },
        # The window reaches the tier; August's 200 do not reach the gate, September's 350 make 3 steps.
        {"2026-09-01": "24.50", "2026-08-01": 0, "2026-06-01": 0},
        sales="A,2026-06-05,P01,SW,1,900\nB,2026-08-05,P01,SW,1,200\nC,2026-09-05,P01,SW,1,350\n",
    ),
    Case(
        "a curve over a window",
        "windows",
        {
            "year": MONTHLY
            + "[reward]\n"
            + WINDOW
            + 'curve = [{ at = 0, rate = "1%" }, { at = 100_000, rate = "3%" }]\n'
        },
        # 50,000 in the window: 2 % of September's 1,000; June is 1.98 % of 49,000.
        {"2026-09-01": 20, "2026-06-01": "970.20"},
        sales="A,2026-06-05,P01,SW,1,49000\nB,2026-09-05,P01,SW,1,1000\n",
    ),
    Case(
        "fiscal months",
        "calendar",
        {
            "month": f'kind = "rebate"\n{FISCAL}period = "month"\n[reward]\nrate = "1%"\n',
            "quarter": f'kind = "rebate"\n{FISCAL}period = "quarter"\n[eligible]\n"sale.month" = 7\n'
            '[reward]\nrate = "1%"\n',
        },
        {
            "month 2026-07-05": 3,
            "month 2026-08-02": 12,
            "month 2026-08-30": 48,
            "quarter 2026-07-05": 3,
        },
        sales="A,2026-07-04,P01,SW,1,999\nB,2026-07-05,P01,SW,1,100\nC,2026-08-01,P01,SW,1,200\n"
        "D,2026-08-02,P01,SW,1,400\nE,2026-08-29,P01,SW,1,800\nF,2026-08-30,P01,SW,1,1600\n"
        "G,2026-10-03,P01,SW,1,3200\nH,2026-10-04,P01,SW,1,999\n",
        tables={"calendar": CALENDAR},
    ),
    Case(
        "a fiscal PERIOD ends with its month, and first_period is one of the table",
        "calendar",
        {"month": f'kind = "rebate"\n{FISCAL}period = "month"\n[reward]\nrate = "1%"\n'},
        {"2026-07-05": 1, "2026-08-02": 2},
        period="2026-08",
        sales="A,2026-07-05,P01,SW,1,100\nB,2026-08-29,P01,SW,1,200\nC,2026-08-30,P01,SW,1,400\n",
        tables={"calendar": CALENDAR},
        config='[workspace]\nname = "Fiscal"\ncurrency = "USD"\n[settlement]\nfirst_period = "2026-08"\n',
    ),
    Case(
        "a baseline stands at the same place of the months a year before; a last day stays one",
        "calendar",
        {
            "growth": 'kind = "rebate"\nstarts = 2026-07-10\nends = 2026-10-03\nperiod = "quarter"\n'
            '[baseline]\nif_missing = "full"\n[reward]\npays_on = "increment"\nrate = "1%"\n'
        },
        # 4 July to 27 September 2025: 100 + 200 of 1,000.
        {"P01": 7},
        sales="A,2025-07-03,P01,SW,1,999\nB,2025-07-04,P01,SW,1,100\nC,2025-09-27,P01,SW,1,200\n"
        "D,2025-09-28,P01,SW,1,999\nE,2026-07-10,P01,SW,1,1000\n",
        tables={"calendar": CALENDAR},
    ),
    Case(
        "a place that the shorter month does not have is its last day",
        "calendar",
        {
            "growth": 'kind = "rebate"\nstarts = 2026-08-30\nends = 2026-09-28\nperiod = "month"\n'
            '[baseline]\nfrom = "previous_period"\nif_missing = "full"\n'
            '[reward]\npays_on = "increment"\nrate = "1%"\n'
        },
        # 2 to 29 August; 28 September is the 30th of its month, August has 28 days.
        {"P01": 6},
        sales="A,2026-08-01,P01,SW,1,999\nB,2026-08-02,P01,SW,1,100\nC,2026-08-29,P01,SW,1,300\n"
        "D,2026-09-28,P01,SW,1,1000\n",
        tables={"calendar": CALENDAR},
    ),
    Case(
        "a trailing window of fiscal months",
        "calendar",
        {
            "window": f'kind = "rebate"\n{FISCAL}period = "month"\n[reward]\ntiers_months = 2\n'
            'tiers = [{ from = 0, rate = "1%" }, { from = 1_000, rate = "2%" }]\n'
        },
        # September with August: 999 + 1 reach 2 %; August with July: 100 + 999.
        {"2026-07-05": 1, "2026-08-02": "19.98", "2026-08-30": "0.02"},
        sales="A,2026-08-01,P01,SW,1,100\nB,2026-08-02,P01,SW,1,999\nC,2026-10-03,P01,SW,1,1\n",
        tables={"calendar": CALENDAR},
    ),
    Case(
        "a target stands at the measurement period's first day",
        "calendar",
        {
            "target": f'kind = "rebate"\n{FISCAL}period = "quarter"\n[reward]\ntiers_by = "attainment"\n'
            'tiers = [{ from = 1, rate = "1%" }]\n'
        },
        {"P01": 10},
        sales="A,2026-10-03,P01,SW,1,1000\nB,2026-07-05,P02,SW,1,1000\n",
        tables={
            "calendar": CALENDAR,
            "targets": "program_id,payee_id,period_start,target\ntarget,P01,2026-07-05,1000\n"
            "target,P02,2026-07-01,1000\n",
        },
    ),
)

"""Parents, managers, and groups that count together."""

from tests.reference.worked.case import QUARTER, YEAR, Case

TIERS = 'tiers = [{ from = 0, rate = "1%" }, { from = 100_000, rate = "2%" }]\n'
REBATE = f'kind = "rebate"\n{QUARTER}period = "quarter"\n'
FLAT = '[reward]\nrate = "1%"\n'
REPS = "rep_id,name,partner_id,manager_id,valid_from\n"
GROUP = "partner_id,name,parent_id\nP01,Top,\nP02,Left,P01\nP03,Right,P01\n"
MOVED = (
    "partner_id,name,parent_id,valid_from\nP01,First,,\nP02,Moves,P01,\nP02,Moves,P04,2026-09-01\n"
    "P04,Second,,\n"
)

CASES = (
    Case(
        "apart, paid at the top, and counted together",
        "parents",
        {
            "apart": REBATE + "[reward]\n" + TIERS,
            "parent": REBATE + 'payee = "parent"\n[reward]\n' + TIERS,
        },
        {"apart P02": 700, "apart P03": 400, "parent P01": 2200},
        sales="A,2026-07-05,P02,SW,1,70000\nB,2026-08-05,P03,SW,1,40000\n",
        tables={"partners": GROUP},
    ),
    Case(
        "together, each at the group's tier",
        "together",
        {"together": REBATE + '[reward]\ntogether = "parent"\n' + TIERS},
        {"P02": 1400, "P03": 800},
        sales="A,2026-07-05,P02,SW,1,70000\nB,2026-08-05,P03,SW,1,40000\n",
        tables={"partners": GROUP},
    ),
    Case(
        "together counts each sale once, over the union, whoever is suspended or below the gate",
        "together",
        {
            "together": REBATE + '[[gate]]\nmetric = "revenue"\nat_least = 1000\n'
            '[reward]\ntogether = "parent"\ntiers_by = "customers"\n'
            'tiers = [{ from = 0, rate = "1%" }, { from = 2, rate = "2%" }, { from = 3, rate = "9%" }]\n'
        },
        # C1 bought of both: two customers in all. P03 does not reach the gate.
        {"P02": 20, "P03": 0},
        columns=",customer_id",
        sales="A,2026-07-05,P02,SW,1,1000,C1\nB,2026-08-05,P03,SW,1,10,C1\nC,2026-08-05,P03,SW,1,10,C2\n",
        tables={
            "partners": "partner_id,name,parent_id,status\nP01,Top,,\nP02,Left,P01,\n"
            "P03,Right,P01,suspended\n"
        },
    ),
    Case(
        "together: the tops of the measurement period's last day, while it accrues of PERIOD's",
        "together",
        {
            "quarter": REBATE + '[reward]\ntogether = "parent"\n' + TIERS,
            "half": f'kind = "rebate"\n{YEAR}period = "year"\n[reward]\ntogether = "parent"\n'
            + TIERS,
        },
        # On 31 August P02 still stands under P01, with 60,000 + 50,000 in all.
        {"quarter P01": 1200, "quarter P02": 1000, "half P01": 1200, "half P02": 1000},
        period="2026-08",
        sales="A,2026-07-05,P01,SW,1,60000\nB,2026-08-05,P02,SW,1,50000\n",
        tables={"partners": MOVED},
    ),
    Case(
        "together: on 30 September it stands under another",
        "together",
        {"quarter": REBATE + '[reward]\ntogether = "parent"\n' + TIERS},
        {"P01": 600, "P02": 500},
        sales="A,2026-07-05,P01,SW,1,60000\nB,2026-08-05,P02,SW,1,50000\n",
        tables={"partners": MOVED},
    ),
    Case(
        "a partner that changes its parent in mid-quarter: each sale is the top's of its date, and a return"
        " its line's",
        "parents",
        {"parent": REBATE + 'payee = "parent"\n' + FLAT},
        {"P01": 500, "P04": 490},
        columns=",return_of",
        sales="A,2026-07-05,P02,SW,1,60000,\nB,2026-09-05,P02,SW,1,50000,\n"
        "R,2026-09-20,P02,SW,-1,-10000,A\nS,2026-09-20,P02,SW,-1,-1000,\n",
        tables={"partners": MOVED},
    ),
    Case(
        "a top has no parent, names itself, or names one that nobody knows; an alias of an id that exists"
        " is not used",
        "parents",
        {"parent": REBATE + 'payee = "parent"\n' + FLAT},
        {"P01": 10, "P02": 20, "P03": 70},
        sales="A,2026-07-05,P01,SW,1,1000\nB,2026-07-05,P02,SW,1,2000\nC,2026-07-05,P05,SW,1,3000\n"
        "D,2026-07-05,P03,SW,1,4000\n",
        tables={
            "partners": "partner_id,name,parent_id\nP01,None,\nP02,Itself,P02\nP03,Unknown,GONE\n"
            "P05,Below,P06\nP06,Between,P03\n",
            "aliases": "table,alias,id\npartners,P03,P01\npartners,P06,P02\n",
        },
    ),
    Case(
        "with a parent for payee, [eligible] judges the line's partner, boosts and status the top",
        "parents",
        {
            "parent": REBATE + 'payee = "parent"\n[eligible]\n"partner.tier" = "gold"\n'
            '[[boost]]\nwhen = { "partner.tier" = "silver" }\nfactor = 3\n' + FLAT
        },
        {"P01": 30},
        sales="A,2026-07-05,P02,SW,1,1000\nB,2026-07-05,P03,SW,1,2000\nC,2026-07-05,P01,SW,1,5000\n",
        tables={
            "partners": "partner_id,name,parent_id,tier\nP01,Top,,silver\nP02,Left,P01,gold\n"
            "P03,Right,P01,bronze\n"
        },
    ),
    Case(
        "activities are the top's on their day, for programs and for gates",
        "parents",
        {
            "gated": REBATE
            + 'payee = "parent"\n[[gate]]\nmetric = "activity.training"\nat_least = 2\n'
            + FLAT,
            "paid": f'kind = "activity"\n{QUARTER}period = "quarter"\npayee = "parent"\n'
            '[[reward]]\nactivity = "training"\namount = 7\n',
        },
        # Two of three are P01's: one of P02 in August, one of its rep; the third, in September, is P04's.
        {"gated P01": 10, "paid P01": 14, "paid P04": 7},
        sales="A,2026-07-05,P01,SW,1,1000\nB,2026-09-05,P02,SW,1,1000\n",
        tables={
            "partners": MOVED,
            "reps": "rep_id,name,partner_id\nR2,Two,P02\n",
            "activities": "activity_id,activity,partner_id,rep_id,done_on\n1,training,P02,,2026-08-05\n"
            "2,training,,R2,2026-08-06\n3,training,P02,,2026-09-05\n",
        },
    ),
    Case(
        "managers: shares that meet add up and count one line; a share without a manager earns nothing",
        "managers",
        {
            "manager": f'kind = "spif"\n{QUARTER}period = "quarter"\npayee = "manager"\n[reward]\n'
            'tiers_by = "lines"\ntiers = [{ from = 0, rate = "1%" }, { from = 2, rate = "9%" }]\n'
        },
        # R1 and R2 have M: 0.3 + 0.3 of 1,000, one line. R3 is its own manager, R4's is unknown.
        {"M": 6},
        columns=",line_id,rep_id",
        sales="A,2026-07-05,P01,SW,1,1000,1,R1\nB,2026-07-05,P01,SW,1,500,1,R3\nC,2026-07-05,P01,SW,1,500,1,R4\n",
        tables={
            "reps": "rep_id,name,partner_id,manager_id\nM,Manager,P01,\nR1,One,P01,M\nR2,Two,P01,M\n"
            "R3,Three,P01,R3\nR4,Four,P01,GONE\n",
            "credits": "sale_id,line_id,rep_id,share\nA,1,R1,0.3\nA,1,R2,0.3\nA,1,R3,0.4\n",
        },
    ),
    Case(
        "managers change: each line is the manager's of its date, and a rep's row in force counts everywhere",
        "managers",
        {
            "manager": f'kind = "rebate"\n{QUARTER}period = "quarter"\npayee = "manager"\n'
            '[eligible]\n"rep.partner_id" = "P01"\n' + FLAT,
            "rep": f'kind = "rebate"\n{QUARTER}period = "quarter"\npayee = "rep"\n'
            '[[boost]]\nwhen = { "partner.partner_id" = "P02" }\nfactor = 2\n' + FLAT,
        },
        {"manager M": 10, "manager N": 20, "rep R": 60},
        columns=",rep_id",
        sales="A,2026-07-05,P01,SW,1,1000,R\nB,2026-08-15,P01,SW,1,2000,R\n",
        tables={
            "reps": REPS + "M,Manager,P01,,\nN,Next,P01,,\nR,Rep,P01,M,\nR,Rep,P01,N,2026-08-10\n"
            "R,Rep,P02,N,2026-09-01\n"
        },
    ),
    Case(
        "a gate on activities counts the manager's own, and a line without a manager leaves the group",
        "managers",
        {
            "manager": f'kind = "rebate"\n{QUARTER}period = "quarter"\npayee = "manager"\n'
            'exclusive_group = "g"\npriority = 1\n'
            '[[gate]]\nmetric = "activity.training"\nat_least = 1\n' + FLAT,
            "rest": f'kind = "rebate"\n{QUARTER}period = "quarter"\nexclusive_group = "g"\npriority = 2\n'
            + FLAT,
        },
        {"manager M": 10, "manager N": 0, "rest P01": 40},
        columns=",rep_id",
        sales="A,2026-07-05,P01,SW,1,1000,R\nB,2026-07-05,P01,SW,1,2000,S\nC,2026-07-05,P01,SW,1,4000,M\n",
        tables={
            "reps": "rep_id,name,partner_id,manager_id\nM,Manager,P01,\nN,Next,P01,\nR,Rep,P01,M\n"
            "S,Other,P01,N\n",
            "activities": "activity_id,activity,rep_id,done_on\n1,training,M,2026-08-05\n"
            "2,training,S,2026-08-06\n",
        },
    ),
    Case(
        "terms by payee of a parent, and of a group that counts together",
        "together",
        {
            "parent": REBATE + 'payee = "parent"\n[reward]\nterms = "lists/terms.csv"\n',
            "together": REBATE + '[reward]\ntogether = "parent"\nterms = "lists/terms.csv"\n',
        },
        # The top is P01: 2 % of 110,000. Together P02 has a contract of its own; P03 none at 110,000.
        {"parent P01": 2200, "together P02": 3500, "together P03": 0},
        sales="A,2026-07-05,P02,SW,1,70000\nB,2026-08-05,P03,SW,1,40000\n",
        tables={"partners": GROUP},
        lists={
            "terms.csv": "partner.partner_id,from,rate\nP01,0,1%\nP01,100000,2%\nP02,0,1%\nP02,100000,5%\n"
        },
    ),
)

"""Terms: contracts and rate cards in a table."""

from tests.reference.worked.case import PRODUCTS, QUARTER, Case

REBATE = f'kind = "rebate"\n{QUARTER}period = "quarter"\n[reward]\nterms = "lists/contracts.csv"\n'
CONTRACTS = """\
contract,partner.partner_id,valid_from,valid_until,from,rate,bonus
K-1,P07,2026-01-01,,0,1%,
K-1,P07,2026-01-01,,100000,2%,2500
K-2,P12,,,,1.5%,
,,,,,0.5%,
"""
BY_CATEGORY = """\
partner.partner_id,product.category,rate
P07,switch,2%
P07,,1%
,switch,0.5%
"""
OVER = """\
product.category,from,rate
switch,0,1%
switch,10000,2%
router,0,3%
router,10000,4%
"""
DISCOUNT = f'kind = "discount"\n{QUARTER}period = "quarter"\n'

CASES = (
    Case(
        "contracts by payee",
        "terms",
        {"terms": REBATE},
        {"P07": 5500, "P12": 2250, "P99": 750},
        sales="A,2026-07-05,P07,SW,1,150000\nB,2026-08-05,P12,SW,1,150000\n"
        "C,2026-09-05,P99,SW,1,150000\n",
        lists={"contracts.csv": CONTRACTS},
    ),
    Case(
        "terms by line, the first key decides, and a line without a term earns nothing",
        "terms",
        {"terms": REBATE},
        {"P07": 240, "P08": 50},
        sales="A,2026-07-05,P07,SW,1,10000\nA,2026-07-05,P07,RT,1,4000\n"
        "B,2026-07-05,P08,SW,1,10000\nB,2026-07-05,P08,RT,1,4000\n",
        lists={"contracts.csv": BY_CATEGORY},
    ),
    Case(
        "tiers over all of the payee's lines, and over each term's own",
        "terms",
        {
            "over-payee": REBATE + 'tiers_over = "payee"\n',
            "over-term": REBATE,
        },
        {"over-payee P07": 320, "over-term P07": 200},
        sales="A,2026-07-05,P07,SW,1,8000\nB,2026-07-05,P07,RT,1,4000\n",
        lists={"contracts.csv": OVER},
    ),
    Case(
        "what has no contract earns in the standard program of the group",
        "terms",
        {
            "contracts": f'kind = "rebate"\n{QUARTER}period = "quarter"\n'
            'exclusive_group = "g"\npriority = 1\n'
            '[reward]\nterms = "lists/contracts.csv"\nterms_by = "line"\n',
            "standard": f'kind = "rebate"\n{QUARTER}period = "quarter"\n'
            'exclusive_group = "g"\npriority = 2\n'
            '[reward]\nrate = "0.1%"\n',
        },
        {"contracts P07": 50, "standard P08": 1},
        sales="A,2026-07-05,P07,SW,1,1000\nB,2026-07-05,P08,SW,1,1000\n",
        lists={"contracts.csv": "partner.partner_id,rate\nP07,5%\n"},
    ),
    Case(
        "by payee a contract in a group takes the line and pays nothing where none fits",
        "terms",
        {
            "contracts": f'kind = "rebate"\n{QUARTER}period = "quarter"\n'
            'exclusive_group = "g"\npriority = 1\n'
            '[reward]\nterms = "lists/contracts.csv"\n',
            "standard": f'kind = "rebate"\n{QUARTER}period = "quarter"\n'
            'exclusive_group = "g"\npriority = 2\n'
            '[reward]\nrate = "0.1%"\n',
        },
        {"contracts P07": 50, "standard": 0},
        sales="A,2026-07-05,P07,SW,1,1000\nB,2026-07-05,P08,SW,1,1000\n",
        lists={"contracts.csv": "partner.partner_id,rate\nP07,5%\n"},
    ),
    Case(
        "an authorised quantity: the return gives its room back",
        "terms",
        {"ship": DISCOUNT + '[reward]\nterms = "lists/ship.csv"\n'},
        {"P07": 200},
        sales="A,2026-07-05,P07,SW,60,600,\nB,2026-07-05,P07,SW,70,700,\nR,2026-08-05,P07,SW,-20,-200,A\n",
        columns=",return_of",
        lists={"ship.csv": "partner.partner_id,per_unit,max_quantity\nP07,2,100\n"},
    ),
    Case(
        "an authorised quantity: the last line counts in part, in amount and list price, and a line of"
        " quantity 0 counts without room; a return of nothing known takes back nothing",
        "terms",
        {
            "amount": DISCOUNT + '[reward]\nterms = "lists/ship.csv"\n',
            "list": DISCOUNT + '[reward]\npays_on = "list"\nterms = "lists/ship.csv"\n',
        },
        # 10 of 10, then 2 of 3: 10 % of 100 + 200 x 2/3, and of 70 without quantity; 10 % of 50 x 12.
        {"amount P07": "30.33", "list P07": 60},
        sales="A,2026-07-05,P07,SW,10,100,\nB,2026-07-06,P07,SW,3,200,\nC,2026-07-07,P07,SW,1,50,\n"
        "D,2026-07-08,P07,SW,0,70,\nR,2026-08-05,P07,SW,-4,-40,\n",
        columns=",return_of",
        lists={"ship.csv": "partner.partner_id,rate,max_quantity\nP07,10%,12\n"},
    ),
    Case(
        "an authorised quantity: returns take back at most what was counted of their sale",
        "terms",
        {"ship": DISCOUNT + '[reward]\nterms = "lists/ship.csv"\n'},
        # 6 of A's 10 count; its returns of 8 and 3 take back 6 and 0; then all 5 of B count.
        {"P07": 10},
        sales="A,2026-07-05,P07,SW,10,100,\nB,2026-07-06,P07,SW,5,50,\n"
        "R,2026-08-05,P07,SW,-8,-80,A\nS,2026-08-06,P07,SW,-3,-30,A\n",
        columns=",return_of",
        lists={"ship.csv": "partner.partner_id,per_unit,max_quantity\nP07,2,6\n"},
    ),
    Case(
        "an authorised quantity is one over the program's life, for all payees of its term",
        "terms",
        {"ship": DISCOUNT.replace("quarter", "month") + '[reward]\nterms = "lists/ship.csv"\n'},
        {"2026-07-01 P07": 8, "2026-08-01 P08": 12, "2026-09-01": 0},
        sales="A,2026-07-05,P07,SW,4,1\nB,2026-08-06,P08,SW,9,1\nC,2026-09-07,P07,SW,1,1\n",
        lists={"ship.csv": "product.category,per_unit,max_quantity\nswitch,2,10\n"},
    ),
    Case(
        "a return takes back at its line's term; one of nothing known at that of its own day",
        "terms",
        {"terms": REBATE},
        # 2 % of 10,000 - 4,000; 2 % of 10,000 - 1 % of 4,000.
        {"P07": 120, "P08": 160},
        sales="A,2026-07-05,P07,SW,1,10000,\nR,2026-09-05,P07,SW,-1,-4000,A\n"
        "B,2026-07-05,P08,SW,1,10000,\nS,2026-09-05,P08,SW,-1,-4000,\n",
        columns=",return_of",
        lists={
            "contracts.csv": "product.category,valid_from,valid_until,rate\n"
            "switch,,2026-07-31,2%\nswitch,2026-08-01,,1%\n"
        },
    ),
    Case(
        "a contract that ends within a quarter: by payee the last day decides, by line each line's own",
        "terms",
        {"by-payee": REBATE, "by-line": REBATE + 'terms_by = "line"\n'},
        {"by-payee P07": 30, "by-line P07": 110},
        sales="A,2026-08-31,P07,SW,1,1000\nB,2026-09-01,P07,SW,1,2000\n",
        lists={
            "contracts.csv": "contract,partner.partner_id,valid_until,rate\nK-1,P07,2026-08-31,9%\n,,,1%\n"
        },
    ),
    Case(
        "while a measurement period accrues, the contract of PERIOD's last day counts",
        "terms",
        {"by-payee": REBATE},
        {"P07": 90},
        period="2026-08",
        sales="A,2026-08-31,P07,SW,1,1000\n",
        lists={
            "contracts.csv": "contract,partner.partner_id,valid_until,rate\nK-1,P07,2026-08-31,9%\n,,,1%\n"
        },
    ),
    Case(
        "a more special term shadows others: the first key column filled beats any number of later ones",
        "terms",
        {"terms": REBATE},
        {"P07": 20, "P08": 70},
        sales="A,2026-07-05,P07,SW,1,1000\nB,2026-07-05,P08,SW,1,1000\n",
        tables={
            "partners": "partner_id,name,tier,region\nP07,Seven,gold,west\nP08,Eight,gold,west\n"
        },
        lists={
            "contracts.csv": "partner.partner_id,partner.tier,partner.region,rate\n"
            "P07,,,2%\n,gold,west,7%\n,gold,,5%\n,,west,3%\n"
        },
    ),
    Case(
        "numbers are compared by value, text exactly, and a missing field fits no filled key",
        "terms",
        {"terms": REBATE},
        {"P07": 20, "P08": 10, "P09": 10},
        sales="A,2026-07-05,P07,SW,1,1000\nB,2026-07-05,P08,SW,1,1000\nC,2026-07-05,P09,SW,1,1000\n",
        tables={
            "partners": "partner_id,name,tier,joined_on\nP07,Seven,gold,2020-09-30\n"
            "P08,Eight,Gold,2020-09-30\nP09,Nine,,2020-10-01\n"
        },
        lists={
            "contracts.csv": "partner.tenure_years,partner.tier,rate\n6.0,gold,2%\n,gold,9%\n,,1%\n"
        },
    ),
    Case(
        "caps: of each term after the boost, then of all together",
        "terms",
        {
            "terms": REBATE
            + '[[boost]]\nwhen = { "partner.partner_id" = { not = "P99" } }\nfactor = 2\n'
            + "[limits]\nper_payee = 70\n"
        },
        # P07: min(2 x 20, 30) + 2 x 15 = 60. P08: min(2 x 100, 30) + 2 x 50, at most 70.
        {"P07": 60, "P08": 70},
        sales="A,2026-07-05,P07,SW,1,1000\nB,2026-07-05,P07,RT,1,1500\n"
        "C,2026-07-05,P08,SW,1,5000\nD,2026-07-05,P08,RT,1,5000\n",
        lists={"contracts.csv": "product.category,rate,per_payee\nswitch,2%,30\nrouter,1%,\n"},
    ),
    Case(
        "a term's cap in a discount",
        "terms",
        {"discount": DISCOUNT + '[reward]\nterms = "lists/caps.csv"\n'},
        # min(20 + 40 - 10, 45) + 10; P08 has a cap of its own.
        {"P07": 55, "P08": 45},
        sales="A,2026-07-05,P07,SW,1,1000,\nB,2026-07-05,P07,SW,1,2000,\nR,2026-08-05,P07,SW,-1,-500,B\n"
        "C,2026-07-05,P07,RT,1,1000,\nD,2026-07-05,P08,SW,1,3000,\n",
        columns=",return_of",
        lists={"caps.csv": "product.category,rate,per_payee\nswitch,2%,45\n,1%,\n"},
    ),
    Case(
        "bonus and steps are each term's own, and need its own metric above 0",
        "terms",
        {"terms": REBATE},
        # Switches 2,500: 100 + 2 x 7; routers -50 stay below 0 and earn neither.
        {"P07": 114},
        sales="A,2026-07-05,P07,SW,1,2500\nB,2026-07-05,P07,RT,-1,-50\n",
        lists={
            "contracts.csv": "product.category,bonus,every,pays\nswitch,100,1000,7\nrouter,100,1000,7\n"
        },
    ),
    Case(
        "gates look at all counted lines; those without a term by line are not counted",
        "terms",
        {"terms": REBATE + '[[gate]]\nmetric = "revenue"\nat_least = 1000\n'},
        {"P07": 12, "P08": 0},
        sales="A,2026-07-05,P07,SW,1,600\nB,2026-07-05,P07,RT,1,400\n"
        "C,2026-07-05,P08,SW,1,600\nD,2026-07-05,P08,SEC,1,400\n",
        lists={"contracts.csv": "product.category,rate\nswitch,2%\nrouter,0\n"},
    ),
    Case(
        "a flat term of a program on growth asks for no baseline",
        "terms",
        {"terms": REBATE.replace("terms =", 'tiers_by = "growth"\nterms =')},
        {"P07": 20, "P08": 0},
        sales="A,2026-07-05,P07,SW,1,1000\nB,2026-07-05,P08,SW,1,1000\n",
        lists={"contracts.csv": "partner.partner_id,from,rate\nP07,,2%\n,0,9%\n,0.5,9%\n"},
    ),
    Case(
        "a discount on each sale: its lines with the same term pick the tier together",
        "terms",
        {
            "discount": DISCOUNT
            + '[reward]\ntier_scope = "sale"\ntiers_by = "quantity"\nterms = "lists/units.csv"\n'
        },
        # Switches 4 + 6 reach 10: 2 % of 1,000; routers 6 alone do not: 1 % of 600.
        {"P07": 26},
        sales="A,2026-07-05,P07,SW,4,400\nA,2026-07-05,P07,SW,6,600\nA,2026-07-05,P07,RT,6,600\n",
        lists={
            "units.csv": "product.category,from,rate\nswitch,0,1%\nswitch,10,2%\nrouter,0,1%\nrouter,10,2%\n"
        },
    ),
    Case(
        "in a discount the block comes first: what fits none of its terms is out, what takes another"
        " block is not asked",
        "terms",
        {
            "discount": DISCOUNT + '[[reward]]\nwhen = { "partner.tier" = "gold" }\n'
            'terms = "lists/units.csv"\n[[reward]]\nrate = "1%"\n'
        },
        {"P07": 20, "P08": 10},
        sales="A,2026-07-05,P07,SW,1,1000\nA,2026-07-05,P07,RT,1,1000\nB,2026-07-05,P08,RT,1,1000\n",
        tables={"partners": "partner_id,name,tier\nP07,Seven,gold\nP08,Eight,silver\n"},
        lists={"units.csv": "product.category,rate\nswitch,2%\n"},
    ),
    Case(
        "net_price in a term",
        "terms",
        {"discount": DISCOUNT + '[reward]\nterms = "lists/net.csv"\n'},
        # (50 - 42) x 3; routers list at 20, below the net price.
        {"P07": 24},
        sales="A,2026-07-05,P07,SW,3,100\nB,2026-07-05,P07,RT,3,100\n",
        lists={"net.csv": "partner.partner_id,net_price\nP07,42\n"},
    ),
    Case(
        "a deal's bonus is that of its first covered line's term",
        "terms",
        {
            "deals": f'kind = "deal_registration"\n{QUARTER}period = "quarter"\n'
            '[reward]\nterms = "lists/deals.csv"\n'
        },
        # 1 % of 1,000 + 75, then 2 % of 500; lines of SEC have no term.
        {"P07": 95},
        columns=",customer_id",
        sales="A,2026-07-05,P07,SW,1,1000,C1\nB,2026-08-05,P07,RT,1,500,C1\nC,2026-08-05,P07,SEC,1,500,C1\n",
        tables={
            "deals": "deal_id,partner_id,customer_id,registered_on,status,approved_on\n"
            "D1,P07,C1,2026-06-01,approved,2026-07-01\n"
        },
        lists={"deals.csv": "product.category,rate,bonus\nswitch,1%,75\nrouter,2%,10\n"},
    ),
    Case(
        "a deal's bonus needs revenue of the deal above 0 for the payee of its first line",
        "parents",
        {
            "deals": f'kind = "deal_registration"\n{QUARTER}period = "quarter"\npayee = "parent"\n'
            '[reward]\nterms = "lists/deals.csv"\n'
        },
        # P02 stands under P01 in July, when all is taken back, and on its own in September.
        {"P01": 0, "P02": 5},
        columns=",customer_id,return_of",
        sales="A,2026-07-05,P02,SW,1,1000,C1,\nR,2026-08-05,P02,SW,-1,-1000,C1,A\n"
        "B,2026-09-05,P02,SW,1,500,C1,\n",
        tables={
            "partners": "partner_id,name,parent_id,valid_from\nP01,Top,,\nP02,Left,P01,\n"
            "P02,Left,,2026-09-01\n",
            "deals": "deal_id,partner_id,customer_id,registered_on,status,approved_on\n"
            "D1,P02,C1,2026-06-01,approved,2026-07-01\n",
        },
        lists={"deals.csv": "product.category,rate,bonus\nswitch,1%,75\n"},
    ),
    Case(
        "reps' terms by line share lines as credits do",
        "terms",
        {
            "spif": f'kind = "spif"\n{QUARTER}period = "quarter"\n[reward]\ntiers_by = "quantity"\n'
            'terms = "lists/units.csv"\n'
        },
        # R1: 0.25 x 8 units stay below 4: nothing. R2: 6 units at 3.
        {"R1": 0, "R2": 18},
        columns=",line_id,rep_id",
        sales="A,2026-07-05,P07,SW,8,800,1,R1\n",
        tables={
            "reps": "rep_id,name,partner_id\nR1,One,P07\nR2,Two,P07\n",
            "credits": "sale_id,line_id,rep_id,share\nA,1,R1,0.25\nA,1,R2,0.75\n",
            "products": PRODUCTS,
        },
        lists={"units.csv": "product.category,from,per_unit\nswitch,4,3\n"},
    ),
)

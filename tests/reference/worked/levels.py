"""Levels: reviews, grace, levels in other programs, the table `levels`."""

from tests.reference.worked.case import PARTNERS, QUARTER, YEAR, Case

STATUS = f"""\
kind = "level"
{YEAR}period = "quarter"
[eligible]
"product.category" = "switch"
[level]
metric = "revenue"
months = 12
grace_periods = 1
levels = [
  {{ name = "silver", at_least = 100_000 }},
  {{ name = "gold", at_least = 250_000, also = {{ "activity.certification" = 2 }} }},
]
"""
# Twelve months up to March come to 260,000, up to June to 180,000, up to September to 150,000.
SALES = (
    "A,2025-05-05,P01,SW,1,80000\nB,2025-08-05,P01,SW,1,30000\nC,2026-01-05,P01,SW,1,150000\n"
    "D,2026-03-31,P01,RT,1,100\nE,2026-04-01,P01,RT,1,200\nF,2026-09-30,P01,RT,1,400\n"
    "G,2026-10-01,P01,RT,1,800\nH,2026-12-31,P01,RT,1,1600\n"
)
CERTIFIED = (
    "activity_id,activity,partner_id,done_on,passed\n1,certification,P01,2025-04-01,\n"
    "2,certification,P01,2026-03-31,\n3,certification,P01,2026-05-01,no\n"
)
PAYS = f'kind = "rebate"\n{YEAR}period = "month"\n'
ROUTERS = '[eligible]\n"product.category" = "router"\n'

CASES = (
    Case(
        "gold is kept for one review, then silver",
        "levels",
        {
            "partner-status": STATUS,
            "gold": PAYS + ROUTERS + '"level.partner-status" = "gold"\n[reward]\nrate = "10%"\n',
            "silver": PAYS
            + ROUTERS
            + '"level.partner-status" = "silver"\n[reward]\nrate = "10%"\n',
            "others": PAYS
            + ROUTERS
            + '"level.partner-status" = { not = ["silver", "gold"] }\n[reward]\nrate = "10%"\n',
        },
        {
            "others 2026-03-01": 10,
            "gold 2026-04-01": 20,
            "gold 2026-09-01": 40,
            "silver 2026-10-01": 80,
            "silver 2026-12-01": 160,
        },
        period="2026",
        sales=SALES,
        tables={"activities": CERTIFIED},
    ),
    Case(
        "without the certifications it is silver: a level below need not be reached, one above does not help",
        "levels",
        {
            "partner-status": STATUS.replace(
                '"silver", at_least = 100_000',
                '"silver", at_least = 100_000, also = { "activity.training" = 1 }',
            ),
            "gold": PAYS + ROUTERS + '"level.partner-status" = "gold"\n[reward]\nrate = "10%"\n',
            "silver": PAYS
            + ROUTERS
            + '"level.partner-status" = "silver"\n[reward]\nrate = "10%"\n',
        },
        # P01 is gold without being silver; P02 has neither.
        {"gold 2026-04-01 P01": 20, "silver": 0},
        period="2026-Q2",
        sales=SALES + "X,2026-01-05,P02,SW,1,900000\nY,2026-04-05,P02,RT,1,100\n",
        tables={"activities": CERTIFIED},
    ),
    Case(
        "levels in when, boosts, needs, gates, terms and activities",
        "levels",
        {
            "partner-status": STATUS,
            "when": PAYS
            + ROUTERS
            + '[[reward]]\nwhen = { "level.partner-status" = "gold" }\nrate = "10%"\n'
            '[[reward]]\nrate = "1%"\n',
            "boost": PAYS
            + ROUTERS
            + '[[boost]]\nwhen = { "level.partner-status" = "gold" }\nfactor = 2\n'
            '[reward]\nrate = "1%"\n',
            "share": PAYS + ROUTERS + '[[gate]]\nshare_of = { "level.partner-status" = "gold" }\n'
            'at_least = "50%"\n[reward]\nrate = "1%"\n',
            "bundle": PAYS
            + '[bundle]\nneeds = [{ when = { "level.partner-status" = "gold" }, quantity = 1 }]\n'
            "[reward]\nper_bundle = 3\n",
            "terms": PAYS + ROUTERS + '[reward]\nterms = "lists/status.csv"\n',
            "terms-by-line": PAYS
            + ROUTERS
            + '[reward]\nterms = "lists/status.csv"\nterms_by = "line"\n',
            "trained": f'kind = "activity"\n{YEAR}period = "month"\npayee = "partner"\n'
            '[eligible]\n"level.partner-status" = "gold"\n[[reward]]\nactivity = "lead"\namount = 5\n',
        },
        {
            "when 2026-03-01": 1,
            "when 2026-04-01": 20,
            "boost 2026-03-01": 1,
            "boost 2026-04-01": 4,
            "share 2026-03-01": 0,
            "share 2026-04-01": 2,
            "bundle 2026-04-01": 3,
            "terms 2026-03-01": 3,
            "terms 2026-04-01": 8,
            "terms-by-line 2026-03-01": 3,
            "terms-by-line 2026-04-01": 8,
            "trained 2026-04-01": 5,
        },
        period="2026-Q2",
        sales=SALES,
        tables={
            "activities": CERTIFIED.replace(
                "passed\n", "passed\n4,lead,P01,2026-03-31,\n5,lead,P01,2026-04-01,\n"
            )
        },
        lists={"status.csv": "level.partner-status,rate\ngold,4%\n,3%\n"},
    ),
    Case(
        "a level by hand counts within its dates, of several the latest; then the review's again",
        "levels",
        {
            "partner-status": STATUS,
            "gold": PAYS + ROUTERS + '"level.partner-status" = "gold"\n[reward]\nrate = "10%"\n',
            "silver": PAYS
            + ROUTERS
            + '"level.partner-status" = "silver"\n[reward]\nrate = "10%"\n',
        },
        # Silver until June; from 1 April to 30 April gold all the same; P02 gold for two days in March.
        {
            "silver 2026-03-01 P01": 10,
            "gold 2026-04-01 P01": 20,
            "silver 2026-05-01 P01": 40,
            "gold 2026-07-01 P01": 80,
            "gold 2026-03-01 P02": 30,
        },
        period="2026-Q3",
        sales=SALES[: SALES.index("D,")] + "D,2026-03-31,P01,RT,1,100\nE,2026-04-01,P01,RT,1,200\n"
        "F,2026-05-01,P01,RT,1,400\nG,2026-07-01,P01,RT,1,800\nI,2026-03-10,P02,RT,1,100\n"
        "J,2026-03-11,P02,RT,1,200\nK,2026-03-12,P02,RT,1,400\n",
        tables={
            "activities": CERTIFIED,
            "levels": "program_id,payee_id,level,valid_from,valid_until\n"
            "partner-status,P01,silver,2026-01-01,2026-06-30\npartner-status,P01,gold,2026-04-01,2026-04-30\n"
            "partner-status,P02,gold,2026-03-10,2026-03-11\npartner-status,P02,platinum,2026-03-12,\n",
        },
    ),
    Case(
        "the level of a top is that of the partners below it, on the day",
        "levels parents",
        {
            "family": f'kind = "level"\n{YEAR}period = "month"\npayee = "parent"\n[eligible]\n'
            '"product.category" = "switch"\n[level]\nmetric = "sales"\n'
            'levels = [{ name = "one", at_least = 2 }]\n',
            "pays": f'kind = "rebate"\n{YEAR}period = "month"\n[eligible]\n"product.category" = "router"\n'
            '"level.family" = "one"\n[reward]\nrate = "10%"\n',
            "payee": f'kind = "spif"\n{YEAR}period = "month"\n[eligible]\n"product.category" = "router"\n'
            '[[reward]]\nwhen = { "level.family" = "one" }\nrate = "10%"\n',
        },
        # July: P02 and P03 sold once each, which makes P01's two. P02 leaves it on 15 August, and the level.
        {"pays 2026-08-01 P02": 10, "pays 2026-08-01 P03": 40, "payee 2026-08-01 R3": 40},
        period="2026-Q3",
        columns=",rep_id",
        sales="A,2026-07-05,P02,SW,1,10,\nB,2026-07-05,P03,SW,1,10,\nC,2026-08-14,P02,RT,1,100,R2\n"
        "D,2026-08-15,P02,RT,1,200,R2\nE,2026-08-16,P03,RT,1,400,R3\nF,2026-09-01,P03,RT,1,800,R3\n",
        tables={
            "partners": "partner_id,name,parent_id,valid_from\nP01,Top,,\nP02,Left,P01,\n"
            "P02,Left,,2026-08-15\nP03,Right,P01,\n",
            "reps": "rep_id,name,partner_id\nR2,Two,P02\nR3,Three,P03\n",
        },
    ),
    Case(
        "what a top needs beside its metric are the activities of the partners below it",
        "levels parents",
        {
            "family": f'kind = "level"\n{YEAR}period = "month"\npayee = "parent"\n[level]\n'
            'metric = "revenue"\nlevels = [{ name = "one", at_least = 1, also = { "activity.lead" = 2 } }]\n',
            "pays": f'kind = "rebate"\n{YEAR}period = "month"\n[eligible]\n"level.family" = "one"\n'
            '[reward]\nrate = "10%"\n',
        },
        # In July P01 and P02 did one each, which makes P01's two; P04 did one.
        {"pays 2026-08-01 P02": 20, "pays 2026-08-01 P01": 10},
        period="2026-08",
        sales="A,2026-07-05,P02,SW,1,10\nB,2026-07-05,P04,SW,1,10\nC,2026-08-05,P01,SW,1,100\n"
        "D,2026-08-05,P02,SW,1,200\nE,2026-08-05,P04,SW,1,400\n",
        tables={
            "partners": "partner_id,name,parent_id\nP01,Top,\nP02,Left,P01\nP04,Apart,\n",
            "activities": "activity_id,activity,partner_id,done_on\n1,lead,P02,2026-07-01\n"
            "2,lead,P01,2026-07-31\n3,lead,P04,2026-07-01\n4,lead,P04,2026-08-01\n",
        },
    ),
    Case(
        "an allocation goes to whoever has the level on the period's first day",
        "levels",
        {
            "partner-status": STATUS,
            "fund": f'kind = "mdf"\n{QUARTER}period = "month"\n[eligible]\n"level.partner-status" = "gold"\n'
            "[fund]\nallocate = 100\n[claims]\n",
        },
        {"2026-07-01 P01": 100, "P02": 0},
        period="2026-Q3",
        sales=SALES,
        tables={
            "activities": CERTIFIED,
            "partners": PARTNERS,
            "mdf_requests": "request_id,program_id,partner_id,activity,requested_on,amount,"
            "approved_on,ends_on,status\nQ1,fund,P01,event,2026-07-02,500,2026-07-02,2026-07-10,approved\n"
            "Q2,fund,P02,event,2026-07-02,500,2026-07-02,2026-07-10,approved\n",
            "mdf_claims": "claim_id,request_id,claimed_on,amount,final\nK1,Q1,2026-07-20,500,true\n"
            "K2,Q2,2026-07-20,500,true\n",
        },
    ),
)

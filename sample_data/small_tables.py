"""Tables short enough to be written by hand: funds, targets, adjustments, disputes, bank details."""

MDF_REQUESTS = """\
request_id,program_id,partner_id,activity,requested_on,amount,approved_on,approved_amount,starts_on,ends_on,status
Q-101,mdf-2026,P06,event,2026-03-30,6000.00,2026-04-06,6000.00,2026-05-12,2026-05-14,approved
Q-102,mdf-2026,P07,digital,2026-05-18,4000.00,2026-05-22,,2026-06-01,2026-07-15,approved
Q-103,mdf-2026,P12,event,2026-06-08,9000.00,2026-06-12,8000.00,2026-07-07,2026-07-08,approved
Q-104,mdf-2026,P13,event,2026-04-13,5000.00,2026-04-20,5000.00,2026-05-05,2026-05-06,approved
Q-105,mdf-2026,P19,digital,2026-07-02,7500.00,2026-07-09,7500.00,2026-07-15,2026-08-31,approved
Q-106,mdf-2026,P21,event,2026-07-06,4800.00,2026-07-10,4800.00,2026-08-04,2026-08-05,approved
Q-107,mdf-2026,P25,print,2026-07-13,12000.00,2026-07-20,10000.00,2026-08-01,2026-08-30,approved
Q-108,mdf-2026,P09,event,2026-07-20,30000.00,2026-07-27,30000.00,2026-09-08,2026-09-10,approved
Q-109,mdf-2026,P08,digital,2026-08-03,3000.00,2026-08-07,3000.00,2026-08-10,2026-09-10,approved
Q-110,mdf-2026,P10,event,2026-08-10,2500.00,,,2026-09-15,2026-09-15,requested
Q-111,mdf-2026,P23,event,2026-08-12,8000.00,,,2026-09-20,2026-09-22,rejected
Q-112,mdf-2026,P26,digital,2026-08-17,5000.00,2026-08-24,5000.00,2026-09-01,2026-10-31,approved
Q-113,mdf-2026,P30,event,2026-08-24,6500.00,2026-08-31,6500.00,2026-10-06,2026-10-07,approved
Q-114,mdf-2026,P16,event,2026-06-22,3600.00,2026-07-01,3600.00,2026-06-28,2026-06-29,approved
Q-115,mdf-2026,P20,event,2026-09-01,4000.00,,,2026-11-03,2026-11-04,cancelled
Q-201,presales-hours,P06,event,2026-07-08,16,2026-07-10,16,2026-07-21,2026-07-22,approved
Q-202,presales-hours,P19,demo,2026-08-05,12,2026-08-06,12,2026-08-26,2026-08-26,approved
"""

# K-104 is late, K-107 has no proof and is sent again as K-108, K-109 comes after the final claim,
# K-110 is paid as far as the fund reached, K-111 asks for more than was committed, K-112 names no
# request, K-113 one that nobody approved, K-114 an activity that the fund does not pay for, and
# K-115 one that was over before its approval.
MDF_CLAIMS = """\
claim_id,request_id,claimed_on,amount,proof,final
K-101,Q-101,2026-06-03,5200.00,INV-8812,true
K-102,Q-102,2026-07-30,3900.00,INV-0471,true
K-103,Q-103,2026-07-24,8000.00,R-2026-118,true
K-104,Q-104,2026-07-20,4700.00,F2026/331,true
K-105,Q-105,2026-08-14,3000.00,T-77120,false
K-106,Q-105,2026-09-11,3300.00,T-77391,true
K-107,Q-106,2026-08-20,4650.00,,true
K-108,Q-106,2026-09-02,4650.00,SC-5518,true
K-109,Q-103,2026-08-11,900.00,R-2026-140,false
K-110,Q-108,2026-09-22,29500.00,MR-20260922,true
K-111,Q-109,2026-09-25,3400.00,LN-4410,true
K-112,Q-999,2026-09-04,1200.00,X-1,true
K-113,Q-110,2026-09-21,2300.00,BF-091,true
K-114,Q-107,2026-09-08,9800.00,CL-3307,true
K-115,Q-114,2026-07-15,3500.00,TC-615,true
K-201,Q-201,2026-07-24,14,TS-0721,true
"""

ADJUSTMENTS = """\
adjustment_id,program_id,payee_id,on,amount,reason
ADJ-001,,P07,2026-08-14,-150.00,freight of a demo unit that was not sent back
ADJ-002,q3-volume-rebate,P12,2026-09-10,500.00,goodwill: price list sent a week late
"""

# One is open, one accepted and not corrected yet, one rejected.
DISPUTES = """\
dispute_id,payee_id,program_id,period_start,sale_id,opened_on,amount,reason,status,closed_on,answer
DSP-001,P12,q3-volume-rebate,2026-07-01,,2026-08-20,210.00,a June return,accepted,2026-09-15,You are right.
DSP-002,P07,q3-growth-rebate,2026-07-01,,2026-09-04,640.00,it was June,rejected,2026-09-22,Sold on 2 July.
DSP-003,P31,,,,2026-09-18,1200.00,three invoices are missing,open,,
"""

# Example account numbers as published with the standard; no money can reach them.
PAYEES = """\
payee_id,account_name,iban,bic,valid_from,tax_id,tax_form,withholding
P02,Alphatec Vertrieb GmbH,DE89370400440532013000,COBADEFFXXX,2025-01-01,DE136695976,,
P12,Kessler Datennetze GmbH,DE02120300000000202051,BYLADEM1001,2025-01-01,DE129273398,,
P13,Lumiere Reseaux SARL,FR1420041010050500013M02606,PSSTFRPPLIL,2025-01-01,FR40303265045,W-8BEN-E,
P14,Van Doorn Netwerken BV,NL91ABNA0417164300,ABNANL2A,2025-03-10,,,
P16,Thistle & Crown Ltd,GB29NWBK60161331926819,NWBKGB2L,2025-01-01,,,
P17,Fjordnett AB,SE4550000000058398257466,ESSESESS,2026-02-16,,,
P18,Redes del Sur SL,ES9121000418450200051332,CAIXESBB,2025-01-01,ESB58378431,W-8BEN-E,0.19
P33,Limmat Vermittlung GmbH,CH9300762011623852957,POFICHBE,2025-06-01,CHE-116.281.710,W-8BEN-E,
"""

# P35 has none. Attained: 102, 77, 120 and 98 % and so on, so that every tier has somebody in it.
TARGETS = """\
program_id,payee_id,period_start,target
broker-target-rebate,P31,2026-07-01,350000
broker-target-rebate,P32,2026-07-01,240000
broker-target-rebate,P33,2026-07-01,280000
broker-target-rebate,P34,2026-07-01,220000
broker-target-rebate,P36,2026-07-01,150000
broker-target-rebate,P37,2026-07-01,160000
broker-target-rebate,P38,2026-07-01,240000
broker-target-rebate,P39,2026-07-01,230000
broker-target-rebate,P40,2026-07-01,180000
"""

"""Exports as people send them, made up: how each is written, and what its first line says."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Shape:
    """An export of sales, and what is to be found: its dialect, its columns, its first line as read.

    `unsure` are words of a remark that must be made, since the file does not tell.
    """

    name: str
    raw: bytes
    first: Mapping[str, str]
    delimiter: str = ","
    decimal: str = "."
    date_format: str = "%Y-%m-%d"
    encoding: str = "utf-8"
    columns: Mapping[str, str] = field(default_factory=dict)
    accepted: int = 2
    unsure: str = ""


def first(sale_id: str, sold_on: str, partner_id: str, **more: str) -> dict[str, str]:
    return {"sale_id": sale_id, "sold_on": sold_on, "partner_id": partner_id, **more}


LATE = "".join(f"9{n:04},5/{n % 9 + 1}/2026,D1,A,1,10.00\n" for n in range(3000))

SHAPES = (
    Shape(
        "a banner, a header that tells the order of the date, a total",
        b"""Acme Distribution Inc.
Point of sale report
Period: July 2026

Invoice No,Invoice Date (MM/DD/YYYY),Dealer,SKU,Qty,Ext Price $
1001,07/03/2026,D1,A,2,"1,212.50"
1002,07/04/2026,D2,B,-1,(99.50)
TOTAL,,,,1,"1,113.00"
""",
        first(
            "1001",
            "2026-07-03",
            "D1",
            product_id="A",
            quantity="2",
            amount="1212.5",
            currency="USD",
        ),
        date_format="%m/%d/%Y",
        columns={
            "sale_id": "Invoice No",
            "sold_on": "Invoice Date (MM/DD/YYYY)",
            "partner_id": "Dealer",
            "amount": "Ext Price $",
        },
    ),
    Shape(
        "German, in cp1252",
        (
            "Belegnr;Belegdatum;Händler;Artikelnr;Menge;Nettobetrag\n"
            "R1;03.07.2026;H1;A;2;1.212,50\n"
            "R2;14.07.2026;H2;B;1;99,00\n"
        ).encode("cp1252"),
        first("R1", "2026-07-03", "H1", quantity="2", amount="1212.5"),
        ";",
        ",",
        "%d.%m.%Y",
        "cp1252",
        {
            "sale_id": "Belegnr",
            "sold_on": "Belegdatum",
            "partner_id": "Händler",
            "amount": "Nettobetrag",
        },
    ),
    Shape(
        "French, narrow blanks between thousands",
        (
            "N° facture;Date facture;Revendeur;Référence;Quantité;Montant HT\n"
            "F1;03/07/2026;R1;A;2;1\u202f212,50\n"
            "F2;14/07/2026;R2;B;1;99,00\n"
        ).encode(),
        first("F1", "2026-07-03", "R1", amount="1212.5"),
        ";",
        ",",
        "%d/%m/%Y",
        columns={
            "sale_id": "N° facture",
            "sold_on": "Date facture",
            "partner_id": "Revendeur",
            "amount": "Montant HT",
        },
    ),
    Shape(
        "Spanish, in cp1252, the currency in the header",
        (
            "Nº factura;Fecha factura;Revendedor;Artículo;Cantidad;Importe (EUR)\n"
            "F1;03/07/2026;R1;A;2;1.212,50\n"
            "F2;14/07/2026;R2;B;1;99,00\n"
        ).encode("cp1252"),
        first("F1", "2026-07-03", "R1", amount="1212.5", currency="EUR"),
        ";",
        ",",
        "%d/%m/%Y",
        "cp1252",
        {
            "sale_id": "Nº factura",
            "sold_on": "Fecha factura",
            "partner_id": "Revendedor",
            "amount": "Importe (EUR)",
        },
    ),
    Shape(
        "tabs, UTF-16",
        (
            "Order Number\tOrder Date\tReseller ID\tPart Number\tUnits\tNet Amount\n"
            "O1\t2026-07-03\tR1\tA\t2\t1212.50\n"
            "O2\t2026-07-14\tR2\tB\t1\t99\n"
        ).encode("utf-16"),
        first("O1", "2026-07-03", "R1", amount="1212.5"),
        "\t",
        columns={
            "sale_id": "Order Number",
            "sold_on": "Order Date",
            "partner_id": "Reseller ID",
            "amount": "Net Amount",
        },
    ),
    Shape(
        "pipes, months in letters",
        (
            b"Txn ID|Txn Date|Store No|UPC|Qty|Ext Amount\n"
            b"T1|03-Jul-2026|17|0012|2|1212.50\n"
            b"T2|14-Jul-2026|18|0013|1|99.00\n"
        ),
        first("T1", "2026-07-03", "17", product_id="0012", amount="1212.5"),
        "|",
        ".",
        "%d-%b-%Y",
        columns={
            "sale_id": "Txn ID",
            "sold_on": "Txn Date",
            "partner_id": "Store No",
            "amount": "Ext Amount",
        },
    ),
    Shape(
        "the only day above 12 stands in line 3002",
        f"Invoice,Date,Dealer,SKU,Qty,Amount\n{LATE}1,7/31/2026,D1,A,1,10.00\n".encode(),
        first("90000", "2026-05-01", "D1", amount="10"),
        date_format="%m/%d/%Y",
        columns={
            "sale_id": "Invoice",
            "sold_on": "Date",
            "partner_id": "Dealer",
            "amount": "Amount",
        },
        accepted=3001,
    ),
    Shape(
        "two-digit years and times of day",
        (
            b"Receipt No,Sale Date,Shop,Item Code,Quantity,Line Total\n"
            b"1,7/3/26 10:15 AM,S1,A,2,1212.50\n"
            b"2,7/31/26 9:05 PM,S2,B,1,99.00\n"
        ),
        first("1", "2026-07-03", "S1", amount="1212.5"),
        date_format="%m/%d/%y",
        columns={
            "sale_id": "Receipt No",
            "sold_on": "Sale Date",
            "partner_id": "Shop",
            "amount": "Line Total",
        },
    ),
    Shape(
        "British, pounds beside the amounts",
        (
            "Invoice Number,Invoice Date,Account Code,Stock Code,Qty,Value\n"
            'I1,03/07/2026,A1,A,2,"£1,212.50"\n'
            "I2,31/07/2026,A2,B,1,£99.00\n"
        ).encode(),
        first("I1", "2026-07-03", "A1", amount="1212.5", currency="GBP"),
        date_format="%d/%m/%Y",
        columns={
            "sale_id": "Invoice Number",
            "sold_on": "Invoice Date",
            "partner_id": "Account Code",
            "amount": "Value",
        },
    ),
    Shape(
        "an old cash register's code page",
        (
            "Bon-Nr;Datum;Filiale;Artikel;Stück;Umsatz\n"
            "1;03.07.26;Köln;A;2;1212,50\n"
            "2;14.07.26;Lübeck;B;1;99,00\n"
        ).encode("cp850"),
        first("1", "2026-07-03", "Köln", quantity="2", amount="1212.5"),
        ";",
        ",",
        "%d.%m.%y",
        "cp850",
        {"sale_id": "Bon-Nr", "sold_on": "Datum", "partner_id": "Filiale", "amount": "Umsatz"},
    ),
    Shape(
        "a Macintosh's code page",
        (
            "Numéro de facture;Date de vente;Magasin;Référence;Qté;Total HT\r"
            "1;03/07/2026;Orléans;A;2;1212,50\r"
            "2;14/07/2026;Nîmes;B;1;99,00\r"
        ).encode("mac-roman"),
        first("1", "2026-07-03", "Orléans", amount="1212.5"),
        ";",
        ",",
        "%d/%m/%Y",
        "mac_roman",
        {
            "sale_id": "Numéro de facture",
            "sold_on": "Date de vente",
            "partner_id": "Magasin",
            "amount": "Total HT",
        },
    ),
    Shape(
        "quoted cells with delimiters and line breaks",
        (
            b'"Document No","Posting Date","Sold-to","Description","Material","Quantity","Net Value"\n'
            b'"D-1","2026-07-03","P1","Switch, 8 ports\n'
            b'with rack","A","2","1,212.50"\n'
            b'"D-2","2026-07-14","P2","Router","B","1","99.00"\n'
        ),
        first("D-1", "2026-07-03", "P1", product_id="A", amount="1212.5"),
        columns={
            "sale_id": "Document No",
            "sold_on": "Posting Date",
            "partner_id": "Sold-to",
            "amount": "Net Value",
        },
    ),
    Shape(
        "a banner filled up with delimiters",
        (
            b"Sell-out,,,,,\n"
            b"July,2026,,,,\n"
            b",,,,,\n"
            b"Invoice #,Invoice Date,Reseller,SKU,Qty,Revenue\n"
            b"1,2026-07-03,R1,A,2,1212.50\n"
            b"2,2026-07-14,R2,B,1,99.00\n"
        ),
        first("1", "2026-07-03", "R1", amount="1212.5"),
        columns={
            "sale_id": "Invoice #",
            "sold_on": "Invoice Date",
            "partner_id": "Reseller",
            "amount": "Revenue",
        },
    ),
    Shape(
        "Swiss: semicolons, a decimal point, apostrophes",
        (
            b"Rechnungsnr.;Rechnungsdatum;Partnernr.;Artikel;Anzahl;Betrag CHF\n"
            b"1;03.07.2026;P1;A;2;1'212.50\n"
            b"2;14.07.2026;P2;B;1;99.00\n"
        ),
        first("1", "2026-07-03", "P1", amount="1212.5", currency="CHF"),
        ";",
        ".",
        "%d.%m.%Y",
        columns={
            "sale_id": "Rechnungsnr.",
            "sold_on": "Rechnungsdatum",
            "partner_id": "Partnernr.",
            "amount": "Betrag CHF",
        },
    ),
    Shape(
        "subtotals in between, and a grand total",
        (
            b"Dealer,Invoice,Date,SKU,Qty,Amount\n"
            b"D1,1,2026-07-03,A,2,1212.50\n"
            b"Subtotal D1,,,,2,1212.50\n"
            b"D2,2,2026-07-14,B,1,99.00\n"
            b"Subtotal D2,,,,1,99.00\n"
            b"Grand Total:,,,,3,1311.50\n"
        ),
        first("1", "2026-07-03", "D1", amount="1212.5"),
        columns={
            "sale_id": "Invoice",
            "sold_on": "Date",
            "partner_id": "Dealer",
            "amount": "Amount",
        },
    ),
    Shape(
        "unit prices only",
        (
            b"Order,Order Date,Dealer,Item,Units,Unit Price\n"
            b"1,2026-07-03,D1,A,2,606.25\n"
            b"2,2026-07-14,D2,B,1,99.00\n"
        ),
        first("1", "2026-07-03", "D1", quantity="2", unit_price="606.25", amount="1212.5"),
        columns={
            "sale_id": "Order",
            "sold_on": "Order Date",
            "partner_id": "Dealer",
            "unit_price": "Unit Price",
        },
    ),
    Shape(
        "of two totals one is that of the line",
        (
            b"Order,Order Date,Dealer,Item,Units,Price,Total,Extended\n"
            b"1,2026-07-03,D1,A,2,606.25,1311.50,1212.50\n"
            b"1,2026-07-03,D1,B,1,99.00,1311.50,99.00\n"
        ),
        first("1", "2026-07-03", "D1", amount="1212.5"),
        columns={
            "sale_id": "Order",
            "sold_on": "Order Date",
            "partner_id": "Dealer",
            "amount": "Extended",
        },
    ),
    Shape(
        "an interface's names and stamps",
        (
            b"invoiceNumber,createdAt,resellerId,sku,quantity,netAmount,currencyCode\n"
            b"I-1,2026-07-03T23:59:59Z,R1,A,2,1212.5,EUR\n"
            b"I-2,2026-07-14T08:00:00Z,R2,B,1,99,EUR\n"
        ),
        first("I-1", "2026-07-03", "R1", amount="1212.5", currency="EUR"),
        columns={
            "sale_id": "invoiceNumber",
            "sold_on": "createdAt",
            "partner_id": "resellerId",
            "amount": "netAmount",
        },
        unsure="a time in UTC",
    ),
    Shape(
        "dates in digits",
        (
            b"DOC_NO;DOC_DATE;DEALER_NO;ITEM_NO;QTY;NET_AMOUNT\n"
            b"1;20260703;D1;A;2;1212,50\n"
            b"2;20260714;D2;B;1;99,00\n"
        ),
        first("1", "2026-07-03", "D1", amount="1212.5"),
        ";",
        ",",
        "%Y%m%d",
        columns={
            "sale_id": "DOC_NO",
            "sold_on": "DOC_DATE",
            "partner_id": "DEALER_NO",
            "amount": "NET_AMOUNT",
        },
    ),
    Shape(
        "columns that mean nothing by name",
        b"Col A,Col B,Invoice,Dealer,Col E\nA,03.07.2026,1,D1,1212.50\nB,14.07.2026,2,D2,99.00\n",
        first("1", "2026-07-03", "D1", amount="1212.5"),
        date_format="%d.%m.%Y",
        columns={
            "sale_id": "Invoice",
            "sold_on": "Col B",
            "partner_id": "Dealer",
            "amount": "Col E",
        },
        unsure="by what it holds",
    ),
    Shape(
        "no value tells day from month",
        (
            b"Invoice,Date,Dealer,SKU,Qty,Amount\n"
            b"1,03/07/2026,D1,A,2,1212.50\n"
            b"2,04/07/2026,D2,B,1,99.00\n"
        ),
        first("1", "2026-07-03", "D1", amount="1212.5"),
        date_format="%d/%m/%Y",
        columns={
            "sale_id": "Invoice",
            "sold_on": "Date",
            "partner_id": "Dealer",
            "amount": "Amount",
        },
        unsure="day and month cannot be told apart",
    ),
    Shape(
        "three digits behind every comma",
        (
            b"Invoice,Date,Dealer,SKU,Qty,Amount\n"
            b'1,2026-07-03,D1,A,2,"1,212"\n'
            b'2,2026-07-14,D2,B,1,"2,099"\n'
        ),
        first("1", "2026-07-03", "D1", amount="1212"),
        columns={
            "sale_id": "Invoice",
            "sold_on": "Date",
            "partner_id": "Dealer",
            "amount": "Amount",
        },
        unsure="three digits follow the sign",
    ),
    Shape(
        "serial numbers of a spreadsheet in the place of dates",
        b"Invoice,Invoice Date,Dealer,SKU,Qty,Amount\n1,46206,D1,A,2,1212.50\n2,46217.5,D2,B,1,99.00\n",
        first("1", "2026-07-03", "D1", amount="1212.5"),
        date_format="excel",
        columns={
            "sale_id": "Invoice",
            "sold_on": "Invoice Date",
            "partner_id": "Dealer",
            "amount": "Amount",
        },
    ),
    Shape(
        "Indian groups, credits marked CR",
        b"Bill No;Bill Date;Dealer Code;Item Code;Qty;Net Value\n"
        b"1;31-07-2026;D1;A;2;12,34,567.50\n2;14-07-2026;D2;B;1;99.00 CR\n",
        first("1", "2026-07-31", "D1", amount="1234567.5"),
        ";",
        ".",
        "%d-%m-%Y",
        columns={
            "sale_id": "Bill No",
            "sold_on": "Bill Date",
            "partner_id": "Dealer Code",
            "amount": "Net Value",
        },
    ),
    Shape(
        "checks that are numbered from 1 every day",
        b"Business Date,Check No,Location,Menu Item,Qty,Net Sales\n"
        b"2026-07-30,1,L1,A,1,10.00\n2026-07-30,2,L1,A,1,11.00\n"
        b"2026-07-31,1,L1,A,1,12.00\n2026-07-31,2,L1,A,1,13.00\n",
        first("2026-07-30-1", "2026-07-30", "L1", amount="10"),
        columns={
            "sale_id": "{Business Date}-{Check No}",
            "sold_on": "Business Date",
            "partner_id": "Location",
            "amount": "Net Sales",
        },
        accepted=4,
        unsure="stands on several days",
    ),
    Shape(
        "a line that names the delimiter, a note at the end",
        b"sep=;\nTransaction ID;Date;Location;Item;Qty;Net Sales\n"
        b"T1;07/03/2026;L1;A;2;$1,212.50\nT2;07/14/2026;L1;B;1;($4.00)\nGenerated on 2026-08-01\n",
        first("T1", "2026-07-03", "L1", amount="1212.5"),
        ";",
        ".",
        "%m/%d/%Y",
        columns={
            "sale_id": "Transaction ID",
            "sold_on": "Date",
            "partner_id": "Location",
            "amount": "Net Sales",
        },
    ),
    Shape(
        "orders that are told in their first row",
        b"Order,Order Date,Dealer,Item,Units,Price\n1,2026-07-03,D1,A,2,606.25\n,,,B,1,99.00\n"
        b"2,2026-07-14,D2,A,1,606.25\n",
        first("1", "2026-07-03", "D1", unit_price="606.25", amount="1212.5"),
        columns={
            "sale_id": "Order",
            "sold_on": "Order Date",
            "partner_id": "Dealer",
            "unit_price": "Price",
        },
        accepted=3,
    ),
    Shape(
        "no header",
        b"1001,2026-07-03,D1,A,2,1212.50\n1002,2026-07-14,D2,B,1,99.00\n",
        first("1001", "2026-07-03", "D1", amount="1212.5"),
        unsure="the first record is taken for data",
    ),
)

# Table → an export of it, and which column is which.
TABLES = {
    "partners": (
        "Account ID,Account Name,Type,Billing Country,Partner Level,Created Date,Status\n"
        "A1,Alpha,Reseller,US,Gold,01/15/2020,Active\nA2,Beta,Wholesaler,DE,Silver,02/01/2021,On Hold\n",
        {
            "partner_id": "Account ID",
            "name": "Account Name",
            "kind": "Type",
            "country": "Billing Country",
            "tier": "Partner Level",
            "joined_on": "Created Date",
            "status": "Status",
        },
    ),
    "reps": (
        "Personalnr;Name;Händler;Eintritt\nE1;Ann;P1;01.02.2020\nE2;Bob;P1;13.02.2020\n",
        {"rep_id": "Personalnr", "name": "Name", "partner_id": "Händler", "started_on": "Eintritt"},
    ),
    "products": (
        "Référence;Désignation;Catégorie;Gamme;Prix public\n"
        "A;Switch 8;switches;S;100,00\n"
        "B;Routeur;routers;R;90,50\n",
        {
            "product_id": "Référence",
            "name": "Désignation",
            "category": "Catégorie",
            "family": "Gamme",
            "list_price": "Prix public",
        },
    ),
    "customers": (
        "Customer No,Customer Name,Market Segment\nC1,Clinic,health\nC2,School,education\n",
        {"customer_id": "Customer No", "name": "Customer Name", "segment": "Market Segment"},
    ),
    "deals": (
        "Deal ID,Partner,End Customer,Deal Value,Registration Date,Stage\n"
        "D1,P1,C1,1000.50,2026-07-01,Closed Won\n",
        {
            "deal_id": "Deal ID",
            "partner_id": "Partner",
            "customer_id": "End Customer",
            "amount": "Deal Value",
            "registered_on": "Registration Date",
            "status": "Stage",
        },
    ),
    "activities": (
        "Record ID,Learner,Course,Type,Completed,Score\n1,R1,Selling,training,2026-07-01,88\n",
        {
            "activity_id": "Record ID",
            "rep_id": "Learner",
            "subject": "Course",
            "activity": "Type",
            "done_on": "Completed",
            "score": "Score",
        },
    ),
    "credits": (
        "Invoice,Sales Rep,Split\n1,R1,0.5\n1,R2,0.5\n",
        {"sale_id": "Invoice", "rep_id": "Sales Rep", "share": "Split"},
    ),
    "targets": (
        "Program,Payee,Quarter Start,Quota\nvolume,P1,2026-07-01,10000\n",
        {
            "program_id": "Program",
            "payee_id": "Payee",
            "period_start": "Quarter Start",
            "target": "Quota",
        },
    ),
    "fx": (
        "Datum;Währung;Kurs\n31.01.2026;EUR;1,08\n",
        {"on": "Datum", "currency": "Währung", "rate": "Kurs"},
    ),
    "payees": (
        "Partner ID,Account Holder,IBAN,SWIFT\nP1,Alpha,DE02120300000000202051,BYLADEM1001\n",
        {"account_name": "Account Holder", "iban": "IBAN", "bic": "SWIFT"},
    ),
    "mdf_requests": (
        "Request No,Program,Partner,Activity,Request Date,Amount,End Date,Status\n"
        "Q1,fund,P1,event,2026-07-01,500,2026-09-01,Approved\n",
        {
            "request_id": "Request No",
            "requested_on": "Request Date",
            "ends_on": "End Date",
            "status": "Status",
        },
    ),
    "mdf_claims": (
        "Claim No,Request No,Claim Date,Amount,Proof\nK1,Q1,2026-08-01,480.00,inv.pdf\n",
        {
            "claim_id": "Claim No",
            "request_id": "Request No",
            "claimed_on": "Claim Date",
            "proof": "Proof",
        },
    ),
    "surveys": (
        "Response ID,Survey,Answered,Question,Score\n1,S1,2026-07-01,Q1,9\n",
        {
            "response_id": "Response ID",
            "survey_id": "Survey",
            "answered_on": "Answered",
            "question_id": "Question",
        },
    ),
    "survey_invitations": (
        "Survey,Sent,Partner\nS1,2026-07-01,P1\n",
        {"survey_id": "Survey", "sent_on": "Sent", "partner_id": "Partner"},
    ),
    "brand": (
        "Month,Channel,Metric,Value\n2026-07-01,web,visits,100\n",
        {"measured_on": "Month", "channel": "Channel", "metric": "Metric", "value": "Value"},
    ),
    "adjustments": (
        "Adjustment No,Payee,Date,Amount,Reason\n1,P1,2026-07-01,-50.00,late\n",
        {"adjustment_id": "Adjustment No", "payee_id": "Payee", "on": "Date", "reason": "Reason"},
    ),
    "opening": (
        "Program,Period Start,Payee,Currency,Opening Balance\nvolume,2026-04-01,P1,USD,10.00\n",
        {"period_start": "Period Start", "amount": "Opening Balance"},
    ),
    "control_totals": (
        "Source,Month,Line Count,Total\nalpha,2026-07,10,100.00\n",
        {"source": "Source", "month": "Month", "lines": "Line Count", "amount": "Total"},
    ),
    "aliases": (
        "Table,Alias,Our ID\npartners,ALPHA,P1\n",
        {"table": "Table", "alias": "Alias", "id": "Our ID"},
    ),
}

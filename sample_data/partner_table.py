"""The forty partners of the sample channel, as one readable table.

`size` is the number of sale lines in an ordinary month, `up` the yearly growth in percent, `via`
the distributor that a partner buys from and that reports its sales.
"""

PARTNERS = """
id |name               |kind       |tier  |segment   |in|under|joined    |payout     |size|up |via
P01|Atlas Distribution |distributor|gold  |enterprise|US|     |2012-03-01|credit_note|34  |9  |
P02|Alphatec Vertrieb  |distributor|gold  |enterprise|DE|     |2014-09-15|credit_note|22  |6  |
P03|Pacific Rim Supply |distributor|gold  |enterprise|SG|     |2016-01-11|credit_note|24  |14 |
P04|Cordillera Mayoreo |distributor|silver|smb       |MX|     |2019-05-20|credit_note|16  |18 |
P05|Nordlys Grossist   |distributor|silver|public    |SE|     |2018-02-01|credit_note|14  |-4 |
P06|Brightwater IT     |reseller   |gold  |enterprise|US|     |2013-06-17|cash       |62  |12 |P01
P07|Harbor Point IT    |reseller   |gold  |enterprise|US|     |2015-10-05|cash       |48  |22 |P01
P08|Lakeshore Networks |reseller   |silver|public    |US|     |2018-04-23|cash       |36  |8  |P01
P09|Maple Ridge IT     |reseller   |silver|enterprise|CA|     |2019-09-30|credit_note|40  |31 |P01
P10|Brightwater Federal|reseller   |silver|public    |US|P06  |2020-01-15|cash       |28  |5  |
P11|Tecnored Monterrey |reseller   |bronze|smb       |MX|     |2022-03-08|gift_card  |18  |26 |P04
P12|Kessler Datennetze |reseller   |gold  |enterprise|DE|     |2014-11-03|cash       |46  |10 |P02
P13|Lumiere Reseaux    |reseller   |silver|public    |FR|     |2017-07-10|cash       |32  |15 |P02
P14|Van Doorn Netwerken|reseller   |silver|smb       |NL|     |2020-10-19|cash       |24  |-9 |P02
P15|Kessler Süd        |reseller   |bronze|smb       |DE|P12  |2023-02-14|cash       |18  |34 |P02
P16|Thistle & Crown    |reseller   |silver|enterprise|GB|     |2016-05-09|cash       |34  |4  |
P17|Fjordnett          |reseller   |bronze|public    |SE|     |2021-08-30|cash       |20  |28 |P05
P18|Redes del Sur      |reseller   |bronze|smb       |ES|     |2022-06-01|gift_card  |16  |17 |
P19|Hinomaru Network   |reseller   |gold  |enterprise|JP|     |2015-04-01|cash       |42  |11 |
P20|Kiyosato Systems   |reseller   |silver|public    |JP|     |2019-12-02|cash       |26  |20 |
P21|Southern Cross IT  |reseller   |silver|enterprise|AU|     |2018-08-13|cash       |34  |13 |P03
P22|Banyan Infotech    |reseller   |bronze|smb       |IN|     |2021-01-25|gift_card  |28  |38 |P03
P23|Straits Connect    |reseller   |gold  |enterprise|SG|     |2017-03-06|cash       |30  |-12|P03
P24|Prairie Wireless   |reseller   |bronze|smb       |CA|     |2024-02-19|gift_card  |16  |44 |
P25|Circuit Lane       |retailer   |gold  |smb       |US|     |2014-02-03|credit_note|54  |7  |
P26|Byteline Outlets   |retailer   |silver|smb       |US|     |2020-07-20|credit_note|30  |16 |
P27|Circuit Lane Canada|retailer   |bronze|smb       |CA|P25  |2022-09-12|credit_note|18  |21 |
P28|Elektrohaus Brandt |retailer   |silver|smb       |DE|     |2018-11-26|cash       |26  |3  |
P29|Maison du Reseau   |retailer   |bronze|smb       |FR|     |2021-04-12|cash       |20  |12 |
P30|Akiba Denki        |retailer   |silver|smb       |JP|     |2017-10-16|credit_note|32  |9  |
P31|Summit Brokerage   |broker     |silver|enterprise|US|     |2016-09-19|cash       |20  |14 |
P32|Greywacke Partners |broker     |bronze|enterprise|AU|     |2020-02-10|cash       |14  |-6 |
P33|Limmat Vermittlung |broker     |silver|public    |DE|     |2019-03-25|cash       |14  |19 |
P34|Sakura Trade Desk  |broker     |bronze|smb       |JP|     |2022-11-07|cash       |12  |27 |
P35|Rio Claro Negocios |broker     |bronze|smb       |BR|     |2021-06-14|cash       |12  |11 |
P36|Delmar Agency      |agent      |bronze|smb       |US|     |2020-05-04|cash       |14  |-20|
P37|Nordic Agents      |agent      |bronze|public    |SE|     |2023-09-04|gift_card  |10  |23 |
P38|Summit Agents      |agent      |bronze|smb       |US|P31  |2024-06-10|gift_card  |10  |36 |
P39|Agence Rivoli      |agent      |bronze|public    |FR|     |2022-01-17|gift_card  |10  |8  |
P40|Coral Bay Agents   |agent      |bronze|smb       |AU|     |2023-05-29|gift_card  |10  |25 |
"""

COUNTRIES = {  # region and locale
    "US": ("Americas", "en_US"), "CA": ("Americas", "fr_CA"), "MX": ("Americas", "es_MX"),
    "BR": ("Americas", "pt_BR"), "DE": ("EMEA", "de_DE"), "FR": ("EMEA", "fr_FR"),
    "GB": ("EMEA", "en_GB"), "NL": ("EMEA", "nl_NL"), "SE": ("EMEA", "sv_SE"),
    "ES": ("EMEA", "es_ES"), "JP": ("APAC", "ja_JP"), "SG": ("APAC", "en_SG"),
    "AU": ("APAC", "en_AU"), "IN": ("APAC", "en_IN"), "ZA": ("Africa", "en_ZA"),
}  # fmt: skip

SUSPENDED = {"P28"}

# A partner has a second row where something about it changed: the row in force on a sale's date
# counts.
CHANGES = [
    ("P09", {"tier": "gold", "valid_from": "2026-08-01"}),
    ("P12", {"payout": "credit_note", "valid_from": "2026-01-01"}),
    ("P17", {"tier": "silver", "valid_from": "2026-07-15"}),
    ("P23", {"tier": "silver", "valid_from": "2026-09-01"}),
    ("P27", {"tier": "silver", "valid_from": "2026-08-17"}),
    ("P36", {"status": "terminated", "valid_from": "2026-08-21"}),
]

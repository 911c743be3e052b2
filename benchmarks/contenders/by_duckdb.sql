-- The six programs as somebody would write them for this one quarter. `exported` is the folder's export.
CREATE TABLE raw AS
SELECT sale_id, line_id, line, partner_id, distributor_id, rep_id, customer_id, product_id, currency, return_of,
       TRY_CAST(sold_on AS DATE) AS sold_on,
       TRY_CAST(quantity AS DECIMAL(18, 6)) AS quantity,
       TRY_CAST(amount AS DECIMAL(18, 6)) AS amount,
       coalesce(received_on <> '' AND TRY_CAST(received_on AS DATE) IS NULL, false) AS bad_received
FROM exported;

CREATE TABLE accepted AS  -- a line that was sent twice counts once
SELECT DISTINCT ON (distributor_id, partner_id, sale_id, line) *
FROM raw
WHERE sold_on IS NOT NULL AND quantity IS NOT NULL AND amount IS NOT NULL AND NOT bad_received
  AND partner_id IN (SELECT partner_id FROM partners) AND rep_id IN (SELECT rep_id FROM reps);

CREATE TABLE sales_of_returns AS
SELECT coalesce(distributor_id, '') AS distributor_id, partner_id, sale_id, min(sold_on) AS sold_on
FROM accepted SEMI JOIN (SELECT DISTINCT return_of FROM accepted WHERE amount < 0) AS named
  ON accepted.sale_id = named.return_of
GROUP BY ALL;

CREATE TABLE originals AS  -- the line that a return takes back: of its product, the first by line_id
SELECT coalesce(distributor_id, '') AS distributor_id, partner_id, sale_id, product_id,
       arg_min(amount, line_id::INT) AS of_amount
FROM accepted SEMI JOIN (SELECT DISTINCT return_of FROM accepted WHERE amount < 0) AS named
  ON accepted.sale_id = named.return_of
WHERE amount >= 0
GROUP BY ALL;

CREATE TABLE rates AS
SELECT currency, "on" AS since, rate,
       coalesce(lead("on") OVER (PARTITION BY currency ORDER BY "on"), DATE '9999-12-31') AS until
FROM fx;

CREATE TABLE in_force AS
SELECT partner_id, tier,
       CASE WHEN row_number() OVER w = 1 THEN DATE '0001-01-01' ELSE valid_from END AS since,
       coalesce(lead(valid_from) OVER w, DATE '9999-12-31') AS until
FROM partners WINDOW w AS (PARTITION BY partner_id ORDER BY valid_from NULLS FIRST);

CREATE TABLE lines AS
SELECT a.*, s.sold_on IS NOT NULL AND o.of_amount IS NOT NULL AS is_linked, o.of_amount,
       coalesce(s.sold_on, a.sold_on) AS counted_on,
       CASE WHEN a.currency = 'USD' THEN a.amount
            ELSE round(a.amount * r.rate, 6)::DECIMAL(18, 6) END AS usd,
       CASE WHEN a.currency = 'USD' THEN o.of_amount
            ELSE round(o.of_amount * r.rate, 6)::DECIMAL(18, 6) END AS of_usd,
       p.category, f.tier
FROM accepted AS a
LEFT JOIN sales_of_returns AS s ON a.amount < 0 AND a.return_of = s.sale_id
  AND a.partner_id = s.partner_id AND coalesce(a.distributor_id, '') = s.distributor_id
LEFT JOIN originals AS o ON a.amount < 0 AND a.return_of = o.sale_id AND a.product_id = o.product_id
  AND a.partner_id = o.partner_id AND coalesce(a.distributor_id, '') = o.distributor_id
LEFT JOIN rates AS r ON r.currency = a.currency AND coalesce(s.sold_on, a.sold_on) >= r.since
  AND coalesce(s.sold_on, a.sold_on) < r.until
LEFT JOIN products AS p ON p.product_id = a.product_id
LEFT JOIN in_force AS f ON f.partner_id = a.partner_id AND coalesce(s.sold_on, a.sold_on) >= f.since
  AND coalesce(s.sold_on, a.sold_on) < f.until
WHERE coalesce(s.sold_on, a.sold_on) BETWEEN DATE '2025-07-01' AND DATE '2025-09-30'
   OR coalesce(s.sold_on, a.sold_on) BETWEEN DATE '2026-07-01' AND DATE '2026-09-30';

CREATE VIEW quarter AS SELECT * FROM lines WHERE counted_on >= DATE '2026-07-01';

CREATE TABLE earned AS
WITH marginal AS (
  SELECT partner_id AS payee_id, sum(usd) AS revenue FROM quarter WHERE category = 'licence' GROUP BY ALL
), retroactive AS (
  SELECT partner_id AS payee_id, sum(usd) AS revenue FROM quarter
  WHERE category IN ('switch', 'router') AND tier IN ('gold', 'silver') GROUP BY ALL
), growth AS (
  SELECT partner_id AS payee_id,
         coalesce(sum(usd) FILTER (counted_on >= DATE '2026-07-01'), 0) AS revenue,
         sum(usd) FILTER (counted_on < DATE '2026-07-01') AS baseline
  FROM lines WHERE category <> 'licence' GROUP BY ALL
), spif AS (
  SELECT rep_id AS payee_id, sum(quantity * CASE product_id WHEN 'AP-310' THEN 2.0
                                 WHEN 'AP-311' THEN 2.5 ELSE 3.0 END) AS reward
  FROM quarter WHERE product_id IN ('AP-310', 'AP-311', 'AP-312') GROUP BY ALL
), discount AS (
  SELECT partner_id AS payee_id,
         sum(usd * CASE WHEN abs(coalesce(CASE WHEN is_linked THEN of_usd END, usd)) >= 20000 THEN 0.025
                        WHEN abs(coalesce(CASE WHEN is_linked THEN of_usd END, usd)) >= 5000 THEN 0.010
                        ELSE 0.000 END) AS reward
  FROM quarter WHERE category = 'firewall' GROUP BY ALL
), covered AS (
  SELECT q.partner_id AS payee_id, d.deal_id, sum(usd) AS revenue, bool_or(usd >= 0) AS sold
  FROM quarter AS q JOIN deals AS d USING (partner_id, customer_id)
  WHERE q.counted_on BETWEEN d.approved_on AND d.approved_on + 60 GROUP BY ALL
)
SELECT 'marginal' AS program_id, payee_id,
       least(revenue, 100000) * 0.02 + greatest(least(revenue - 100000, 200000), 0) * 0.04
       + greatest(revenue - 300000, 0) * 0.06 AS reward FROM marginal
UNION ALL
SELECT 'retroactive', payee_id,
       CASE WHEN revenue >= 2000000 THEN revenue * 0.03 + 2500
            WHEN revenue >= 500000 THEN revenue * 0.02 ELSE revenue * 0.01 END FROM retroactive
UNION ALL
SELECT 'growth', payee_id,
       (revenue - baseline) * CASE WHEN revenue - baseline >= baseline * 0.15 THEN 0.04
                                   WHEN revenue - baseline >= baseline * 0.05 THEN 0.02
                                   ELSE 0.01 END
FROM growth WHERE baseline > 0 AND revenue >= baseline
UNION ALL
SELECT 'spif', payee_id, least(reward, 1500) FROM spif
UNION ALL
SELECT 'discount', payee_id, reward FROM discount
UNION ALL
SELECT 'deals', payee_id, sum(revenue * 0.05 + CASE WHEN sold AND revenue > 0 THEN 150 ELSE 0 END)
FROM covered GROUP BY payee_id;
